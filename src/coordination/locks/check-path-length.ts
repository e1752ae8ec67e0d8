import { GlobError } from '../../globs/glob-error.js';

/** PostgreSQL's B-tree refuses entries of more than 2,704 bytes, and the project's id is part of the entry. */
const MAX_BYTES = 2_600;

/** @throws GlobError when a path and its worktree's are too long together to be kept apart from others */
export function checkPathLength(worktree: string, path: string): void {
  if (Buffer.byteLength(worktree) + Buffer.byteLength(path) <= MAX_BYTES) return;
  throw new GlobError(
    `has more than ${MAX_BYTES} bytes together with the path of its worktree`,
    'Give the folder that holds the files.',
  );
}
