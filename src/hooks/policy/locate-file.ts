import type { PlacedFile } from '../../coordination/locks/place-file.js';
import { placeFiles } from '../../coordination/locks/place-tasks.js';
import type { HookContext } from './guard-types.js';

/**
 * The literals that stand for each of these files, as lock tools place them. Empty for a file that belongs to no project, or
 * whose name no lock can have.
 * @param paths absolute, or relative to the request's folder
 * @throws AppError `timeout` when the files do not answer
 */
export async function locateFiles(
  paths: readonly string[],
  { request: { cwd }, home }: Pick<HookContext, 'request' | 'home'>,
): Promise<PlacedFile[][]> {
  return await placeFiles(cwd, paths, home);
}
