import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { defineFileTask, insideOf } from '../../files/file-task.js';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import { type FileLook, hashFile, lookAtAll } from './hash-files.js';
import { type WalkBounds, walkFiles } from './walk-files.js';

/** A walk has a bound of its own, of a second at most; hashing of one piece of work takes less than that. In ms. */
const LONG_MS = 4_000;

/** The work on files that snapshots take. Paths are absolute unless said otherwise. */
export const snapshotTasks = {
  /** Of many files: paths and answer are in the form that takes least time between threads. */
  look: defineFileTask('look-at-files', (_worktree, paths: string) => lookAtAll(paths), { placeOf: insideOf }),
  hash: defineFileTask(
    'hash-files',
    (_worktree, files: readonly (readonly [path: string, look: FileLook])[]) =>
      files.map(([path, look]) => hashFile(path, look)),
    { maxMs: LONG_MS, placeOf: insideOf },
  ),
  walk: defineFileTask(
    'walk-files',
    (worktree, folders: readonly string[], bounds: WalkBounds) => walkFiles(worktree, folders, bounds),
    { maxMs: LONG_MS, placeOf: insideOf },
  ),
  /** What stands for the content of files with rules, named relative to the worktree. */
  markRules: defineFileTask(
    'mark-rules',
    (worktree, files: readonly string[]) => files.map((path) => markOf(join(worktree, path))),
    { placeOf: insideOf },
  ),
  foldsCase: defineFileTask('folds-case', detectCaseFolding, { placeOf: insideOf }),
  isRepository: defineFileTask('is-repository', (worktree) => existsSync(join(worktree, '.git'))),
};

function markOf(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path);
    return `${size} ${mtimeMs}`;
  } catch {
    return '';
  }
}
