import { createHash } from 'node:crypto';
import { readSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { defineFileTask, insideOf } from '../files/file-task.js';
import { useForeignFile } from '../files/read-foreign-file.js';

const PIECE_BYTES = 1024 * 1024;
/** For the most that one call reads, in ms; a disk that is busy has twice that. */
const MAX_MS = 5_000;

/** Whether files are in the worktree: a link on the way may lead out of it, to files that nobody gave us to read. */
export const areWithinTask = defineFileTask(
  'are-within',
  (worktree, paths: readonly string[]) => paths.map((path) => isWithin(worktree, path)),
  { placeOf: insideOf },
);

function isWithin(worktree: string, path: string): boolean {
  try {
    const [top, real] = [realpathSync(worktree), realpathSync(join(worktree, path))];
    return real.startsWith(top.endsWith(sep) ? top : `${top}${sep}`);
  } catch {
    return false;
  }
}

/** Names contents as git does, where there is no repository. A file of another size now has changed meanwhile: null. */
export const hashPlainTask = defineFileTask(
  'hash-plain',
  (worktree, files: readonly (readonly [path: string, size: number])[]) =>
    files.map(([path, size]) => hashPlain(join(worktree, path), size)),
  { maxMs: MAX_MS, placeOf: insideOf },
);

function hashPlain(path: string, size: number): string | null {
  return useForeignFile(path, (file, stats) => {
    if (stats.size !== size) return null;
    const hash = createHash('sha1').update(`blob ${size}\0`);
    const piece = Buffer.allocUnsafe(Math.min(size + 1, PIECE_BYTES));
    for (let left = size; left > 0; ) {
      const read = readSync(file, piece, 0, Math.min(piece.length, left), null);
      if (read === 0) return null;
      hash.update(piece.subarray(0, read));
      left -= read;
    }
    return hash.digest('hex');
  });
}
