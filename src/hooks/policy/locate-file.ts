import { isAbsolute, resolve } from 'node:path';
import { type PlacedFile, placeFile } from '../../coordination/locks/place-file.js';
import { GlobError } from '../../globs/glob-error.js';
import { quoteText } from '../../text/quote-text.js';
import type { HookContext } from './guard-types.js';

/** Files that a request names, where they are. */
export interface LocatedFiles {
  files: PlacedFile[];
  /** Why not all of them are checked; undefined where they are. */
  unchecked: string | undefined;
}

/** Characters of a path. */
const MAX_PATH = 160;

/** The literals that stand for files that a request names. */
export function locateFiles(paths: readonly string[], context: Pick<HookContext, 'request' | 'home'>): LocatedFiles {
  const files: PlacedFile[] = [];
  let unchecked: string | undefined;
  for (const path of paths) {
    try {
      files.push(...locateFile(path, context));
    } catch {
      unchecked ??= `where ${quoteText(path, MAX_PATH)} is can't be found out`;
    }
  }
  return { files, unchecked };
}

/**
 * The literals that stand for a file that a request names, as lock tools place them. Empty for a file that belongs to no
 * project.
 * @param path absolute, or relative to the request's folder
 * @throws Error for what the system takes for no path
 */
function locateFile(path: string, { request: { cwd }, home }: Pick<HookContext, 'request' | 'home'>): PlacedFile[] {
  try {
    return placeFile(isAbsolute(path) ? path : resolve(cwd, path), home);
  } catch (error) {
    // The top folder of a worktree is no file.
    if (error instanceof GlobError) return [];
    throw error;
  }
}
