import { createWakeablePause } from '../async/wakeable-pause.js';
import type { QueueConnection } from './connection-types.js';

/** A backend that does not answer a probe within this, in ms, counts as away. */
const PROBE_TIMEOUT_MS = 1_000;
/** A backend that is away is probed this often, in ms. */
const RETRY_MS = 250;

/** Knows whether a connection's backend answers. A stopped process keeps its sockets, so only an answer counts. */
export interface Watch {
  state(): 'connecting' | 'up' | 'down';
  /** Resolves when the state is no longer 'connecting'. */
  known: Promise<void>;
  start(connection: QueueConnection): void;
  /** A command failed: probes now. @param silent it got no answer at all, which already counts as away */
  doubt(silent: boolean): void;
  onUp(listener: () => void): void;
  onDown(listener: () => void): void;
  stop(): void;
}

export function createWatch(watchMs: number): Watch {
  let state: 'connecting' | 'up' | 'down' = 'connecting';
  let stopped = false;
  let fresh = true;
  // The timer alone must not keep a process alive.
  const pause = createWakeablePause({ keepsProcess: false });
  let tell: () => void = () => undefined;
  const known = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const onUp: (() => void)[] = [];
  const onDown: (() => void)[] = [];

  function become(next: 'up' | 'down', again: boolean): void {
    const changed = state !== next;
    state = next;
    tell();
    if (!changed && !again) return;
    for (const listener of next === 'up' ? onUp : onDown) listener();
  }

  async function run(connection: QueueConnection): Promise<void> {
    // The first connection is being made: it counts as away only after this.
    if (!connection.isConnected()) await pause.wait(RETRY_MS);
    while (!stopped) {
      const answered = await connection.probe(PROBE_TIMEOUT_MS).then(
        () => true,
        () => false,
      );
      if (stopped) break;
      become(answered ? 'up' : 'down', answered && fresh);
      if (answered) fresh = false;
      await pause.wait(answered ? watchMs : RETRY_MS);
    }
    state = 'down';
    tell();
  }

  return {
    state: () => state,
    known,
    start: (connection) => {
      connection.onConnect(() => {
        fresh = true;
        pause.wake();
      });
      void run(connection);
    },
    doubt: (silent) => {
      if (silent && !stopped) become('down', false);
      pause.wake();
    },
    onUp: (listener) => void onUp.push(listener),
    onDown: (listener) => void onDown.push(listener),
    stop: () => {
      stopped = true;
      pause.wake();
    },
  };
}
