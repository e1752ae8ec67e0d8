import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GitFolders } from './git-folders.js';
import { type GuardName, MARKERS } from './guard-names.js';
import { FRAMEWORK_CONFIG, findLefthookConfig, findWriter } from './hook-managers.js';

export interface FoundGuard {
  /** The file that our lines are in. */
  path: string;
  /** Our lines, for a POSIX shell; null in the configuration of a manager. */
  block: string | null;
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
  const own = cutOut(text);
  if (own !== null) return { path: hook, block: own, hook, manager: null };
  const manager = findWriter(text);
  if (manager === null) return null;
  if (manager === 'husky') {
    const path = join(dirname(dirname(hook)), name);
    const block = cutOut(read(path) ?? '');
    return block === null ? null : { path, block, hook, manager };
  }
  const config = manager === 'lefthook' ? findLefthookConfig(worktree)?.local : join(worktree, FRAMEWORK_CONFIG);
  if (config !== undefined && cutOut(read(config) ?? '') !== null) return { path: config, block: null, hook, manager };
  // What it found in the place of its hook, and runs too.
  const legacy = `${hook}.legacy`;
  const block = manager === 'pre-commit' && canRun(legacy) ? cutOut(read(legacy) ?? '') : null;
  return block === null ? null : { path: legacy, block, hook, manager: null };
}

/** The lines between our marks; null when there are none. */
function cutOut(text: string): string | null {
  const from = text.indexOf(MARKERS.begin);
  const to = from < 0 ? -1 : text.indexOf(MARKERS.end, from);
  return to < 0 ? null : text.slice(from, to);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function canRun(path: string): boolean {
  try {
    if (process.platform !== 'win32') accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
