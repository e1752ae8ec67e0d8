import { join } from 'node:path';
import { runFileTask } from '../files/run-file-task.js';
import type { Repository } from '../project/find-repository.js';
import { identityTasks } from '../project/identity-tasks.js';
import { type Git, splitLines } from './run-git.js';

/** Commits of one list: more make what rests on it unknown. */
const MAX_COMMITS = 2_000;
/** Where a list of merge bases ends: criss-cross merges have few. */
const MAX_BASES = 4;

export interface CommitLine {
  id: string;
  parents: string[];
}

export type CommitLists = ReturnType<typeof createCommitLists>;

/** Lists of commits, as git has them. Each is null where git fails or it would be too long. */
export function createCommitLists(git: Git) {
  async function list(
    worktree: string,
    args: readonly string[],
    revisions: readonly string[],
  ): Promise<string[] | null> {
    const input = `${revisions.join('\n')}\n`;
    const all = ['--literal-pathspecs', 'rev-list', `--max-count=${MAX_COMMITS + 1}`, ...args, '--stdin'];
    const { status, out } = await git.run(worktree, all, { input });
    const lines = splitLines(out);
    return status === 0 && lines.length <= MAX_COMMITS ? lines : null;
  }

  async function listWithParents(worktree: string, args: readonly string[], revisions: readonly string[]) {
    const lines = await list(worktree, ['--parents', ...args], revisions);
    return lines?.map((line): CommitLine => {
      const [id = '', ...parents] = line.split(' ');
      return { id, parents };
    });
  }

  return {
    /** The commits that these names stand for; those that name none are left out. */
    async resolve(worktree: string, names: readonly string[]): Promise<Map<string, string> | null> {
      const input = `${names.map((name) => `${name}^{commit}`).join('\n')}\n`;
      const { status, out } = await git.run(worktree, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
        input,
      });
      const lines = splitLines(out);
      if (status !== 0 || lines.length !== names.length) return null;
      return new Map(
        names.flatMap((name, index) => {
          const [id = '', type] = lines[index]?.split(' ') ?? [];
          return type === 'commit' ? [[name, id] as const] : [];
        }),
      );
    },

    /** Those of these commits that are not `head` or its ancestors. */
    async listOutside(worktree: string, head: string, commits: readonly string[]): Promise<Set<string> | null> {
      const lines = await list(worktree, [], [`^${head}`, ...commits]);
      return lines && new Set(lines);
    },

    /** Commits of `tip` that `head` does not have. */
    async listOwn(worktree: string, head: string, tip: string): Promise<CommitLine[] | null> {
      return (await listWithParents(worktree, [], [`^${head}`, tip])) ?? null;
    },

    /** Commits after `commit` that refs, worktrees and their logs know, newest first. */
    async listDescendants(worktree: string, commit: string): Promise<CommitLine[] | null> {
      const args = ['--all', '--reflog', '--ancestry-path'];
      return (await listWithParents(worktree, args, [`^${commit}`])) ?? null;
    },

    /** Commits of `head` that `commit` does not have, without merges. @param paths those that touch these; all if empty */
    async listMissing(
      worktree: string,
      commit: string,
      head: string,
      paths: readonly string[],
    ): Promise<string[] | null> {
      const revisions = [head, `^${commit}`, ...(paths.length > 0 ? ['--', ...paths] : [])];
      return await list(worktree, ['--no-merges', '--full-history'], revisions);
    },

    /** The best common ancestors of two commits; none where they have no common history. */
    async findBases(worktree: string, one: string, other: string): Promise<string[] | null> {
      const { status, out } = await git.run(worktree, ['merge-base', '--all', one, other]);
      return status === 0 || (status === 1 && out === '') ? splitLines(out).slice(0, MAX_BASES) : null;
    },

    /** Whether `commit` is `tip` or one of its ancestors; false where git fails. */
    async isAncestor(worktree: string, commit: string, tip: string): Promise<boolean> {
      return (await git.run(worktree, ['merge-base', '--is-ancestor', commit, tip])).status === 0;
    },

    /** Whether one of these merges has changes that none of its parents has; true where git fails. */
    async haveOwnChanges(worktree: string, merges: readonly string[]): Promise<boolean> {
      if (merges.length === 0) return false;
      const args = ['diff-tree', '--stdin', '--cc', '--no-commit-id', '--no-ext-diff', '--no-textconv', '--no-color'];
      const { status, out } = await git.run(worktree, args, { input: `${merges.join('\n')}\n` });
      return status !== 0 || out.trim() !== '';
    },

    /** Whether the history ends where a shallow clone was cut: what is not found may be beyond. */
    isShallow: async ({ root }: Repository): Promise<boolean> =>
      (await runFileTask(identityTasks.lookAtRoot, join(root, 'shallow'))).exists,
  };
}
