import type { CallAnswererOptions } from './answer-call.js';
import type { Callers } from './callers.js';
import type { Era } from './create-server.js';
import type { HandleCallers } from './handle-callers.js';
import { createLateTools, type LateTools } from './late-tools.js';

/** What all servers of one era share. */
export interface EraParts {
  callers: Callers;
  tools: LateTools;
  /** Makes the agent known, where it is the connection. */
  register: (() => void) | undefined;
}

export interface Eras {
  of(era: Era): EraParts;
  /** Of those that were asked for. */
  callers(): Callers[];
  /** Of the modern era, where it was asked for. */
  handles(): HandleCallers | undefined;
}

export interface ErasOptions {
  openLegacy: () => { callers: Callers; register: () => void };
  openModern: () => HandleCallers;
  shared: Omit<CallAnswererOptions, 'callers'>;
}

/** Who calls over one connection in each era: opened when the first request of the era comes. */
export function createEras({ openLegacy, openModern, shared }: ErasOptions): Eras {
  const eras = new Map<Era, EraParts>();
  let handles: HandleCallers | undefined;

  function open(era: Era): EraParts {
    const byHandle = era === 'modern' ? openModern() : undefined;
    handles ??= byHandle;
    const { callers, register } = byHandle ? { callers: byHandle, register: undefined } : openLegacy();
    const current = shared.access.current();
    if (current) callers.listen(current);
    return { callers, tools: createLateTools({ ...shared, callers }), register };
  }

  return {
    of(era) {
      const parts = eras.get(era) ?? open(era);
      eras.set(era, parts);
      return parts;
    },
    callers: () => [...eras.values()].map(({ callers }) => callers),
    handles: () => handles,
  };
}
