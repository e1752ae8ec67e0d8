import { runGit } from './run-git.js';

/** Time for git to compare some files with its last commit, in ms. */
const TIMEOUT_MS = 1_000;
const MAX_BYTES = 8 * 1024 * 1024;
/** Characters of a line of `git status` before the path. */
const LEAD = 3;

/** Those of these paths that differ from the last commit, or are in none; null where git can't tell. */
export async function findUncommitted(worktree: string, paths: readonly string[]): Promise<Set<string> | null> {
  const bounds = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES };
  const args = ['--literal-pathspecs', 'status', '--porcelain', '-z', '--no-renames', '--untracked-files=all', '--'];
  const { status, out, isCut } = await runGit(worktree, [...args, ...paths], bounds);
  if (status !== 0 || isCut) return null;
  return new Set(out.split('\0').flatMap((line) => line.slice(LEAD) || []));
}
