import { isAbsolute, relative, sep } from 'node:path';
import type { Workplace } from '../../project/resolve-project.js';

/** Who reads a path. */
export type Reader = Pick<Workplace, 'worktree' | 'isKnown'>;

/**
 * A path or glob as its reader can use it: relative to the reader's worktree where it lies in that, else absolute.
 * @param pattern relative to `worktree`
 */
export function showPath(worktree: string, pattern: string, reader: Reader): string {
  if (worktree === reader.worktree && reader.isKnown) return pattern;
  const isInside = reader.isKnown && isWithin(worktree, reader.worktree);
  const way = isInside ? relative(reader.worktree, worktree) : worktree;
  return `${sep === '/' ? way : way.replaceAll(sep, '/')}/${pattern}`;
}

export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith('../') || way.startsWith('..\\') || isAbsolute(way));
}
