import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { findRepository } from '../../project/find-repository.js';
import { identityReaderOf } from '../../project/identity-reader.js';
import type { Workplace } from '../../project/resolve-project.js';
import type { PlacedPattern } from './lock-types.js';
import { isWithin } from './show-path.js';

/** The board and the worktree that a file belongs to. */
export type Place = Pick<PlacedPattern, 'board' | 'root' | 'worktree'>;

/** Of a workplace, what choosing a board takes. */
export type Home = Pick<Workplace, 'id' | 'root' | 'worktree' | 'isKnown' | 'isNamed' | 'records'>;

/**
 * A file belongs to the innermost repository that holds it, whoever names it from wherever; in no repository, to the
 * speaker's own folder. In a project that was given a name, all files of its agents belong to it.
 * @param folder real path, which may not exist yet
 * @returns null where the folder belongs to nobody
 */
export function chooseBoard(folder: string, home: Home): Place | null {
  const repository = findRepository(nearestFolder(folder));
  if (repository) {
    const { root, worktree } = repository;
    const isHome = home.isNamed || root === home.root;
    return isHome
      ? { board: home.id, root: home.root, worktree }
      : { board: identityReaderOf(home.records).identify(root), root, worktree };
  }
  return home.isKnown && isWithin(folder, home.worktree)
    ? { board: home.id, root: home.root, worktree: home.worktree }
    : null;
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}
