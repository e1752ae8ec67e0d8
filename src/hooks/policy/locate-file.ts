import type { PlacedFile } from '../../coordination/locks/place-file.js';
import { quoteText } from '../../text/quote-text.js';
import type { HookContext } from './guard-types.js';

/** Files that a request names, where they are. */
export interface LocatedFiles {
  files: PlacedFile[];
  /** The same by the paths that the request names them by. */
  byPath: Map<string, PlacedFile[]>;
  /** Why not all of them are checked; undefined where they are. */
  unchecked: string | undefined;
}

/** Characters of a path. */
const MAX_PATH = 160;

/**
 * The literals that stand for files that a request names, as lock tools place them. None for a file that belongs to no
 * project.
 * @param paths absolute, or relative to the request's folder; each once
 * @throws AppError `timeout` when the files do not answer
 */
export async function locateFiles(
  paths: readonly string[],
  { place, home }: Pick<HookContext, 'place' | 'home'>,
): Promise<LocatedFiles> {
  const placed = await place(paths, home);
  const lost = paths.find((_, index) => placed[index] === null);
  return {
    files: placed.flatMap((files) => files ?? []),
    byPath: new Map(paths.map((path, index) => [path, placed[index] ?? []])),
    unchecked: lost === undefined ? undefined : `where ${quoteText(lost, MAX_PATH)} is can't be found out`,
  };
}
