import { hasCommit, runGit, splitNames } from './run-git.js';

/**
 * Files of the commit that is about to be made: both names of a renamed file, and deleted files too.
 * @returns paths relative to the top folder
 */
export function listStagedFiles(cwd: string): string[] {
  const changed = diffStaged(cwd, hasCommit(cwd, 'HEAD') ? 'HEAD' : null);
  if (!hasCommit(cwd, 'MERGE_HEAD')) return changed;
  // Of a merge only the files that differ from both sides: the others were committed, and guarded, before.
  const theirs = new Set(diffStaged(cwd, 'MERGE_HEAD'));
  return changed.filter((path) => theirs.has(path));
}

/** Git's id of the tree that the commit is about to have; undefined where there is none, as with conflicts. */
export function findStagedTree(cwd: string): string | undefined {
  try {
    return runGit(cwd, ['write-tree']).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** The top folder of the worktree: git's names are relative to it. @throws Error outside a worktree */
export function findTop(cwd: string): string {
  return runGit(cwd, ['rev-parse', '--show-toplevel']).replace(/\r?\n$/, '');
}

function diffStaged(cwd: string, commit: string | null): string[] {
  const args = ['diff', '--cached', '--name-only', '--no-renames', '--no-ext-diff', '-z'];
  return splitNames(runGit(cwd, commit ? [...args, commit, '--'] : args));
}
