import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

/**
 * Paths as people write them in notes: with a folder or a file ending, without blanks. A match does not begin behind a
 * character that could be part of it, so that a long run is read once.
 */
const PATH_IN_TEXT = /(?<![\w/@.-])(?:[\w@.-]+\/)*[\w@.-]+\.[a-z][a-z0-9]{0,7}(?![\w/-])/gi;
/** Paths of one memory that are checked. */
export const MAX_PATHS = 8;
/** Characters of a memory in which paths are searched. */
export const MAX_SEARCHED_CHARS = 20_000;

/**
 * Finds files that a memory names and that changed after it was saved: it may be out of date. Reads only inside the
 * worktree; a front process without the files (a container) finds none.
 * @returns paths relative to the worktree
 */
export async function findChangedFiles(
  worktree: string,
  text: string,
  files: readonly string[],
  since: Date,
): Promise<string[]> {
  const named = new Set(files.slice(0, MAX_PATHS));
  for (const [path] of text.slice(0, MAX_SEARCHED_CHARS).matchAll(PATH_IN_TEXT)) {
    if (named.size >= MAX_PATHS) break;
    named.add(path);
  }
  const changed = await Promise.all([...named].map((path) => changedSince(worktree, path, since)));
  return changed.filter((path) => path !== null);
}

async function changedSince(worktree: string, path: string, since: Date): Promise<string | null> {
  const absolute = resolve(worktree, path);
  const inside = relative(worktree, absolute);
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return null;
  try {
    const { mtime } = await stat(absolute);
    return mtime > since ? inside.split(sep).join('/') : null;
  } catch {
    return null;
  }
}
