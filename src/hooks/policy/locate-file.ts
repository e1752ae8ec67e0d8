import { isAbsolute, resolve } from 'node:path';
import { type PlacedFile, placeFile } from '../../coordination/locks/place-file.js';
import { GlobError } from '../../globs/glob-error.js';
import type { HookContext } from './guard-types.js';

/**
 * The literals that stand for a file that a request names, as lock tools place them. Empty for a file that belongs to no
 * project, or whose name no lock can have.
 * @param path absolute, or relative to the request's folder
 */
export function locateFile(
  path: string,
  { request: { cwd }, home }: Pick<HookContext, 'request' | 'home'>,
): PlacedFile[] {
  try {
    return placeFile(isAbsolute(path) ? path : resolve(cwd, path), home);
  } catch (error) {
    if (error instanceof GlobError) return [];
    throw error;
  }
}
