import type { Home } from '../../coordination/locks/choose-board.js';
import type { PlacedFile } from '../../coordination/locks/place-file.js';
import { placeFiles } from '../../coordination/locks/place-tasks.js';
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

/** Finds the literals that stand for files (`placeFiles`). */
export type PlaceRequestFiles = (paths: readonly string[], home: Home) => Promise<(PlacedFile[] | null)[]>;

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

/**
 * Places files from the folder of one request. The same list from the same home is placed once: an edit's files are looked
 * for while its agent is, and again after the verdict.
 */
export function createFilePlacer(cwd: string): PlaceRequestFiles {
  let last: { paths: readonly string[]; home: Home; placing: ReturnType<typeof placeFiles> } | null = null;
  return (paths, home) => {
    if (last?.paths === paths && isSameHome(last.home, home)) return last.placing;
    const placing = placeFiles(cwd, paths, home);
    last = { paths, home, placing };
    return placing;
  };
}

function isSameHome(a: Home, b: Home): boolean {
  return (
    a.id === b.id &&
    a.root === b.root &&
    a.worktree === b.worktree &&
    a.isKnown === b.isKnown &&
    a.isNamed === b.isNamed &&
    a.records === b.records
  );
}
