import type { Repository } from '../project/find-repository.js';
import { type CommitLine, type CommitLists, createCommitLists } from './commit-lists.js';
import { listSquashesWith } from './list-squashes.js';
import { type Change, createPatchIds, type PatchIds } from './patch-ids.js';
import type { Git } from './run-git.js';

/** Whether a commit is merged into another one, by the rules of docs/decisions/where-a-memory-holds.md. */
export type MergeState = 'merged' | 'unmerged' | 'unknown';

/** What a memory was written at. */
export interface WrittenAt {
  commit: string;
  branch: string | null;
}

export interface MergeRules {
  /**
   * Decides for each of these whether it is merged into `head`.
   * @param settle gets each answer as soon as it is known
   */
  decide(
    repository: Repository,
    head: string,
    written: readonly WrittenAt[],
    settle: (written: WrittenAt, state: MergeState) => void,
  ): Promise<void>;
}

/** More paths than these do not narrow the search. */
const MAX_PATHS = 200;

export function createMergeRules(git: Git): MergeRules {
  const deps: Deps = { lists: createCommitLists(git), patches: createPatchIds(git) };
  const { lists } = deps;

  return {
    async decide(repository, head, written, settle) {
      const { worktree } = repository;
      const names = written.flatMap(({ commit, branch }) => [commit, ...refOf(branch)]);
      const found = await lists.resolve(worktree, [...new Set(names)]);
      const present = written.filter(({ commit }) => found?.has(commit));
      for (const each of written) if (!present.includes(each)) settle(each, 'unknown');
      const commits = present.map(({ commit }) => commit);
      const outside = (await lists.listOutside(worktree, head, commits)) ?? new Set(commits);
      const isShallow = await lists.isShallow(repository);
      for (const each of present) if (!outside.has(each.commit)) settle(each, 'merged');
      for (const each of present.filter(({ commit }) => outside.has(commit))) {
        // In a shallow clone the way from one to the other may have been cut.
        const own = isShallow ? null : await lists.listOwn(worktree, head, each.commit);
        const [tip] = refOf(each.branch).map((ref) => found?.get(ref));
        const at = { worktree, head, commit: each.commit, tip };
        if (own?.length === 0) settle(each, 'merged');
        else settle(each, own ? await decideByPatches(deps, at, own) : 'unknown');
      }
    },
  };
}

interface Deps {
  lists: CommitLists;
  patches: PatchIds;
}

/** A commit that is not an ancestor of `head`. */
interface Outside {
  worktree: string;
  head: string;
  commit: string;
  /** Of its branch, where that is still there. */
  tip: string | undefined;
}

/** @param own the commit and its ancestors, as far as `head` does not have them */
async function decideByPatches(deps: Deps, at: Outside, own: readonly CommitLine[]): Promise<MergeState> {
  const { lists, patches } = deps;
  const { worktree, head, commit } = at;
  const [descendants, bases] = await Promise.all([
    lists.listDescendants(worktree, commit),
    lists.findBases(worktree, commit, head),
  ]);
  const changes = own.filter(({ parents }) => parents.length < 2).map(({ id }) => ({ commit: id }));
  const tip = await readTip(deps, at, changes);
  const reached = tip === 'other' ? undefined : tip;
  const squashes = await listSquashesWith(lists, { ...at, tip: reached }, bases ?? [], descendants ?? []);
  const touched = await patches.listFiles(worktree, [...changes, ...squashes]);
  const there = await readMissing(deps, worktree, { commit, head, paths: touched });
  const [wanted, squashed] = [await patches.read(worktree, changes), await patches.read(worktree, squashes)];
  if (!there || !wanted || !squashed) return 'unknown';
  if (squashed.some((id) => there.has(id))) return 'merged';
  const merges = own.filter(({ parents }) => parents.length > 1).map(({ id }) => id);
  const isCovered = changes.length === 0 || areCovered(wanted, there);
  if (isCovered && !(await lists.haveOwnChanges(worktree, merges))) return 'merged';
  // A branch that is gone, or that was written otherwise since, may have been squashed at a commit that nobody knows.
  return reached !== undefined && bases !== null && bases.length > 0 ? 'unmerged' : 'unknown';
}

/**
 * The tip of the branch, as far as it still leads on from the commit: by ancestry, or by equal patches after a rebase.
 * @returns `other` for a branch of that name which is another one, or was rewritten
 */
async function readTip(
  deps: Deps,
  { worktree, commit, tip }: Outside,
  changes: readonly Change[],
): Promise<string | undefined | 'other'> {
  if (tip === undefined || tip === commit || (await deps.lists.isAncestor(worktree, commit, tip))) return tip;
  const paths = await deps.patches.listFiles(worktree, changes);
  const there = await readMissing(deps, worktree, { commit, head: tip, paths });
  const wanted = await deps.patches.read(worktree, changes);
  return there && wanted && areCovered(wanted, there) ? tip : 'other';
}

/** Ids of the patches that `head` has and `commit` has not. @param paths that they touch; null: whatever they touch */
async function readMissing(
  { lists, patches }: Deps,
  worktree: string,
  { commit, head, paths }: { commit: string; head: string; paths: readonly string[] | null },
): Promise<Set<string> | null> {
  const isNarrow = paths !== null && paths.length <= MAX_PATHS && !paths.some((path) => path.includes('\n'));
  const missing = await lists.listMissing(worktree, commit, head, isNarrow ? paths : []);
  const changes = missing?.map((id) => ({ commit: id }));
  const ids = changes && (await patches.read(worktree, changes));
  return ids ? new Set(ids.filter((id) => id !== '')) : null;
}

/** Whether each change of something is there, and there is one. */
function areCovered(wanted: readonly string[], there: ReadonlySet<string>): boolean {
  const ids = wanted.filter((id) => id !== '');
  return ids.length > 0 && ids.every((id) => there.has(id));
}

function refOf(branch: string | null): string[] {
  return branch === null ? [] : [`refs/heads/${branch}`];
}
