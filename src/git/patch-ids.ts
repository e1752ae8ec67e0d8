import { LRUCache } from 'lru-cache';
import { type Git, splitLines } from './run-git.js';

/** A commit's own change, or (with `base`) the change of all commits from another one to it. */
export interface Change {
  commit: string;
  base?: string;
}

export interface PatchIds {
  /**
   * The ids of patches by `git patch-id --stable`, which leaves line numbers and blanks out; '' for a change of nothing.
   * @returns in their order; null when git fails, or the patches are too many or too long
   */
  read(worktree: string, changes: readonly Change[]): Promise<string[] | null>;
  /** Files that the changes touch, each once; null when git fails. */
  listFiles(worktree: string, changes: readonly Change[]): Promise<string[] | null>;
}

/** The form of diff that both sides of a comparison have, whatever is configured. */
const DIFF = ['--root', '-r', '--no-renames', '--full-index', '--no-ext-diff', '--no-textconv', '--no-color'];

export function createPatchIds(git: Git): PatchIds {
  const cache = new LRUCache<string, string>({ max: 50_000 });
  const lineOf = ({ commit, base }: Change): string => (base === undefined ? commit : `${commit} ${base}`);
  const toInput = (changes: readonly Change[]): string => changes.map((change) => `${lineOf(change)}\n`).join('');

  return {
    async read(worktree, changes) {
      const missing = changes.filter((change) => !cache.has(lineOf(change)));
      // Each is told apart by its commit alone: of one commit's changes one goes with each run of git.
      for (let left = missing; left.length > 0; ) {
        const round = new Map<string, Change>();
        const later: Change[] = [];
        for (const change of left) {
          if (round.has(change.commit)) later.push(change);
          else round.set(change.commit, change);
        }
        const diff = ['diff-tree', '--stdin', '-p', ...DIFF];
        const options = { input: toInput([...round.values()]) };
        const { status, out } = await git.pipe(worktree, diff, ['patch-id', '--stable'], options);
        if (status !== 0) return null;
        const ids = new Map(splitLines(out).map((line) => line.split(' ').reverse() as [string, string]));
        for (const [commit, change] of round) cache.set(lineOf(change), ids.get(commit) ?? '');
        left = later;
      }
      return changes.map((change) => cache.get(lineOf(change)) ?? '');
    },

    async listFiles(worktree, changes) {
      const args = ['diff-tree', '--stdin', '--name-only', '--no-commit-id', '-z', ...DIFF];
      const { status, out } = await git.run(worktree, args, { input: toInput(changes) });
      return status === 0 ? [...new Set(out.split('\0').filter((path) => path !== ''))] : null;
    },
  };
}
