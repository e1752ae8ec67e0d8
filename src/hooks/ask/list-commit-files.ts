import type { Environment } from '../../config.js';
import { hasCommit, runGit, splitNames } from './run-git.js';

/**
 * Files of the commit that is about to be made: both names of a renamed file, and deleted files too.
 * @param merged the commits of a merge, where MERGE_HEAD does not name them yet
 * @returns paths relative to the top folder
 */
export function listStagedFiles(cwd: string, merged: readonly string[] = []): string[] {
  const changed = diffStaged(cwd, hasCommit(cwd, 'HEAD') ? 'HEAD' : null);
  const others = merged.length > 0 ? merged : hasCommit(cwd, 'MERGE_HEAD') ? ['MERGE_HEAD'] : [];
  // Of a merge only the files that differ from all sides: the others were committed, and guarded, before.
  return others.reduce((left, other) => {
    const theirs = new Set(diffStaged(cwd, other));
    return left.filter((path) => theirs.has(path));
  }, changed);
}

/** What is being merged, where git has not written it down yet: it names each to the hooks of a merge by a variable. */
export function listMerged(env: Environment): string[] {
  return Object.keys(env).flatMap((name) => /^GITHEAD_([0-9a-f]{40,64})$/.exec(name)?.[1] ?? []);
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

/** Whether a folder is in a worktree: not in a bare repository, nor in git's own folder. */
export function hasFiles(cwd: string): boolean {
  try {
    return runGit(cwd, ['rev-parse', '--is-inside-work-tree']).trim() === 'true';
  } catch {
    return false;
  }
}

function diffStaged(cwd: string, commit: string | null): string[] {
  const args = ['diff', '--cached', '--name-only', '--no-renames', '--no-ext-diff', '-z'];
  return splitNames(runGit(cwd, commit ? [...args, commit, '--'] : args));
}
