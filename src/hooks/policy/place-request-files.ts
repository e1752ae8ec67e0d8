import type { Home } from '../../coordination/locks/choose-board.js';
import type { PlacedFile } from '../../coordination/locks/place-file.js';
import { placeFiles } from '../../coordination/locks/place-tasks.js';

/** Finds the literals that stand for files (`placeFiles`). */
export type PlaceRequestFiles = (paths: readonly string[], home: Home) => Promise<(PlacedFile[] | null)[]>;

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
