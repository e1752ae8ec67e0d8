import { type InitRecords, readAllRecords } from '../../hooks/install/apply-init.js';
import { digest } from '../../hooks/install/install-record.js';
import type { Target } from '../../hooks/install/install-types.js';
import { readEntry } from '../../hooks/install/link-entry.js';
import { quotePath } from '../../text/quote-text.js';
import type { CommandContext } from '../context/command-context.js';
import type { InitOptions } from './init-options.js';

/** Characters of a path. */
const MAX_PATH = 1_000;

/** How a file that init wrote is now. */
export interface Drift {
  path: string;
  /** `edited`: others have changed it, and the part of PopStash is whole. */
  state: 'as written' | 'edited' | 'changed' | 'gone';
}

/** Compares the files with the receipt of init. Empty where init was not run here. */
export function verifyInstall(targets: readonly Target[], records: InitRecords): Drift[] {
  const { files } = readAllRecords(records);
  const known = (path: string) => targets.filter((target) => target.path === path);
  return Object.entries(files).map(([path, { after }]) => {
    const content = readEntry(path);
    if (content === null) return { path, state: 'gone' };
    if (digest(content) === after) return { path, state: 'as written' };
    return { path, state: isWhole(known(path), content) ? 'edited' : 'changed' };
  });
}

/** Whether each part of PopStash that is in the file is as init writes it. Several may be in one, each by its own call of init. */
function isWhole(targets: readonly Target[], content: string): boolean {
  try {
    const present = targets.length === 1 ? targets : targets.filter((target) => target.remove(content) !== content);
    return present.length > 0 && present.every((target) => target.add(content) === content);
  } catch {
    return false;
  }
}

/** Prints them; ends with 1 where something of PopStash is gone or changed. */
export function showDrift(
  { write, word }: CommandContext,
  drifts: readonly Drift[],
  { json, user }: InitOptions,
): void {
  const lost = drifts.filter(({ state }) => state === 'changed' || state === 'gone').length;
  if (drifts.length === 0 || lost > 0) process.exitCode = 1;
  if (json) {
    write(JSON.stringify({ installed: drifts.length > 0, whole: lost === 0, files: drifts }));
    return;
  }
  for (const { path, state } of drifts) write(`${state.padEnd(10)}  ${quotePath(path, MAX_PATH)}`);
  write(word(concludeDrift(drifts.length, lost, `popstash init${user ? ' --user' : ''}`)));
}

function concludeDrift(count: number, lost: number, init: string): string {
  if (count === 0) return `There is no receipt of init here. ${init} connects your clients.`;
  if (lost === 0) return `All ${count} files have what init wrote.`;
  return `${lost} of ${count} files have not what init wrote. ${init} writes it again.`;
}
