import { isAbsolute, relative, resolve, sep } from 'node:path';

/**
 * Paths as people write them in notes: with a folder or a file ending, without blanks. A match does not begin behind a
 * character that could be part of it, so that a long run is read once.
 */
const PATH_IN_TEXT = /(?<![\w/@.-])(?:[\w@.-]+\/)*[\w@.-]*\.[a-z][a-z0-9]{0,12}(?![\w/-])/gi;
/** Paths of one memory that are followed. */
export const MAX_PATHS = 8;
/** Characters of a memory in which paths are searched. */
export const MAX_SEARCHED_CHARS = 20_000;
/** What git would read otherwise than it is meant, in a list of paths. */
const UNUSABLE = /^"|[\0\n\r]/;

/**
 * Paths that a memory names: those that it lists, then those in its text.
 * @returns relative to the worktree, whether there is such a file or not
 */
export function nameFiles(worktree: string, text: string, files: readonly string[]): string[] {
  const named = new Set<string>();
  for (const path of files.slice(0, MAX_PATHS)) add(path);
  for (const [path] of text.slice(0, MAX_SEARCHED_CHARS).matchAll(PATH_IN_TEXT)) {
    if (named.size >= MAX_PATHS) break;
    add(path);
  }
  return [...named];

  function add(path: string): void {
    const inside = relative(worktree, resolve(worktree, path));
    const isOutside = inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
    if (!isOutside && !UNUSABLE.test(inside)) named.add(inside.split(sep).join('/'));
  }
}
