import { parse } from 'node:path';
import { homeFolder } from '../config.js';
import { findRepository, realPath } from './find-repository.js';
import type { ProjectLocation } from './resolve-project.js';

/**
 * Finds the place of a working folder: POPSTASH_PROJECT if set, else the git common directory (so that all worktrees
 * of a repository share one board), else the folder. `/` and the home folder are no projects of their own, unless they
 * are repositories: they stand for the user.
 * @param override POPSTASH_PROJECT, without secrets
 * @param home the home folder of the user whose process works there
 */
export function locateProject(cwd: string, override: string | undefined, home = homeFolder()): ProjectLocation {
  const folder = realPath(cwd);
  let refused: string | null = null;
  const repository = findRepository(folder, (worktree) => {
    refused ??= worktree;
  });
  const isKnown = repository !== null || !isNoProject(folder, home);
  const own = isKnown ? folder : realPath(home);
  return {
    root: override ?? repository?.root ?? own,
    worktree: repository?.worktree ?? own,
    folder,
    isKnown,
    isNamed: override !== undefined,
    isRepository: repository !== null,
    refused,
  };
}

/** Where clients start servers that they tell no folder. */
export function isNoProject(folder: string, home: string): boolean {
  return folder === parse(folder).root || folder === realPath(home);
}
