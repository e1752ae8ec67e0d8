import type { CommitLine, CommitLists } from './commit-lists.js';
import type { Change } from './patch-ids.js';

/** Commits after the one in question whose squash is looked for, besides the tip of the branch. */
const MAX_TIPS = 100;
/** Of those that have merges before them, each of which takes a git of its own. */
const MAX_SEPARATE_BASES = 12;

/** What a squash of a branch would change, up to its tip: all since the branch left `head`. */
async function listSquashesOf(lists: CommitLists, worktree: string, tip: string, head: string): Promise<Change[]> {
  const bases = await lists.findBases(worktree, tip, head);
  return (bases ?? []).map((base) => ({ commit: tip, base }));
}

/**
 * What a squash that contains a commit would change: up to the commit itself, to the tip, and to each commit on the way.
 * @param bases of the commit and `head`
 * @param descendants of the commit, newest first
 */
export async function listSquashesWith(
  lists: CommitLists,
  { worktree, head, commit, tip }: { worktree: string; head: string; commit: string; tip: string | undefined },
  bases: readonly string[],
  descendants: readonly CommitLine[],
): Promise<Change[]> {
  const parentsOf = new Map(descendants.map(({ id, parents }) => [id, parents]));
  // Without a merge between them the base is that of the commit itself.
  const isStraight = (id: string): boolean => {
    let at = id;
    for (let parents = parentsOf.get(at); parents?.length === 1; parents = parentsOf.get(at)) at = parents[0] ?? '';
    return at === commit;
  };
  const tips = [commit, ...(tip === undefined ? [] : [tip]), ...descendants.slice(0, MAX_TIPS).map(({ id }) => id)];
  const squashes: Change[] = [];
  let separate = 0;
  for (const id of new Set(tips)) {
    if (isStraight(id)) squashes.push(...bases.map((base) => ({ commit: id, base })));
    else if (separate < MAX_SEPARATE_BASES) {
      separate += 1;
      squashes.push(...(await listSquashesOf(lists, worktree, id, head)));
    }
  }
  return squashes;
}
