import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { findHooksFolder } from '../install/git-targets.js';
import { readOrNull } from '../install/read-or-null.js';

export interface FoundGuard {
  /** The hook of git. */
  path: string;
  /** The command that the hook runs, for a POSIX shell. */
  command: string;
}

/** PopStash's command in a hook of git, and why git does not run it. */
export function findGuards(
  worktree: string,
  name: 'pre-commit' | 'pre-push',
): { guard: FoundGuard | null; faults: string[] } {
  const folder = findHooksFolder(worktree);
  if (folder === null) return { guard: null, faults: [] };
  const path = join(folder, name);
  const text = readOrNull(path) ?? '';
  const command = new RegExp(`(?:then|\\|) (\\S.* guard ${name}\\b.*?)(?: "\\$@")? \\|\\| exit`).exec(text)?.[1];
  if (command === undefined) return { guard: null, faults: [] };
  try {
    if (process.platform !== 'win32') accessSync(path, constants.X_OK);
  } catch {
    return { guard: null, faults: [`${path} can't be run: it has no run bit (chmod +x)`] };
  }
  return { guard: { path, command }, faults: [] };
}
