import { accessSync, constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { readForeignFile } from '../../files/read-foreign-file.js';
import type { GitFolders } from './git-folders.js';
import { type GuardName, MARKERS } from './guard-names.js';
import { FRAMEWORK_CONFIG, findLefthookConfig, findWriter } from './hook-managers.js';

/** Of a hook of git. */
const MAX_BYTES = 16 * 1024 * 1024;

export interface FoundGuard {
  /** The file that our lines are in. */
  path: string;
  /** The file up to the end of our lines: lines before them may end the script. Null in the configuration of a manager. */
  head: string | null;
  /** The hook that git runs. */
  hook: string;
  /** The manager that runs our lines; null when git does. */
  manager: 'husky' | 'lefthook' | 'pre-commit' | null;
}

/** The guard behind a hook of git, by the files alone; and why git does not run it. */
export function findGuard(
  worktree: string,
  { hooks }: GitFolders,
  name: GuardName,
): { guard: FoundGuard | null; faults: string[] } {
  const hook = join(hooks, name);
  const text = read(hook);
  if (text === null) return { guard: null, faults: [] };
  if (!canRun(hook)) return { guard: null, faults: [`${hook} can't be run: it has no run bit (chmod +x)`] };
  return { guard: findBehind(worktree, hook, text, name), faults: [] };
}

function findBehind(worktree: string, hook: string, text: string, name: GuardName): FoundGuard | null {
  const own = readHead(text);
  if (own !== null) return { path: hook, head: own, hook, manager: null };
  const manager = findWriter(text);
  if (manager === null) return null;
  if (manager === 'husky') {
    const path = join(dirname(dirname(hook)), name);
    const head = readHead(read(path) ?? '');
    return head === null ? null : { path, head, hook, manager };
  }
  const config = manager === 'lefthook' ? findLefthookConfig(worktree)?.local : join(worktree, FRAMEWORK_CONFIG);
  if (config !== undefined && readHead(read(config) ?? '') !== null) return { path: config, head: null, hook, manager };
  // What it found in the place of its hook, and runs too.
  const legacy = `${hook}.legacy`;
  const head = manager === 'pre-commit' && canRun(legacy) ? readHead(read(legacy) ?? '') : null;
  return head === null ? null : { path: legacy, head, hook, manager: null };
}

/** A file up to the end of our lines; null when it has none. */
function readHead(text: string): string | null {
  const from = text.indexOf(MARKERS.begin);
  const to = from < 0 ? -1 : text.indexOf(MARKERS.end, from);
  return to < 0 ? null : text.slice(0, to);
}

function read(path: string): string | null {
  return readForeignFile(path, MAX_BYTES);
}

function canRun(path: string): boolean {
  try {
    if (process.platform !== 'win32') accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
