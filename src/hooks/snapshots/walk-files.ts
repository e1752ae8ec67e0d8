import { join, relative, sep } from 'node:path';
import { walkForeignFolder } from '../../files/walk-foreign-folder.js';
import { createIgnoreRules } from './ignore-rules.js';
import { MODULES } from './modules-folder.js';

export interface WalkBounds {
  maxFiles: number;
  timeoutMs: number;
}

const SKIPPED = new Set(['.git', MODULES]);
/** Entries that a walk looks at, ignored ones too. */
const MAX_ENTRIES = 200_000;

/** Files of a worktree, as far as the .gitignore files do not name them. */
export function walkFiles(worktree: string, folders: readonly string[], { maxFiles, timeoutMs }: WalkBounds) {
  const rules = createIgnoreRules(worktree);
  const until = performance.now() + timeoutMs;
  const paths: string[] = [];
  let isComplete = true;
  for (const folder of folders) {
    const [left, maxMs] = [maxFiles - paths.length, until - performance.now()];
    if (left <= 0 || maxMs <= 0) return { paths, isComplete: false };
    if (rules.ignores(folder)) continue;
    const found = walkForeignFolder(join(worktree, folder), {
      maxFiles: left,
      maxEntries: MAX_ENTRIES,
      maxMs,
      enters: (name, path) => !SKIPPED.has(name) && !rules.ignores(`${toSlashes(relative(worktree, path))}/`),
      wants: (path) => !rules.ignores(toSlashes(relative(worktree, path))),
    });
    paths.push(...found.paths.map((path) => toSlashes(relative(worktree, path))));
    isComplete &&= found.isComplete;
  }
  return { paths, isComplete };
}

function toSlashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
