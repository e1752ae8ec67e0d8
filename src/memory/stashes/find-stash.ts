import type { Degradation, MemoryKind } from '../memory-types.js';
import { findOtherKinds } from '../search/find-other-kinds.js';
import type { Search } from '../search/search-types.js';
import type { StashRepository, StashRow } from './stash-repository.js';

export interface PopResult {
  /** Null when nothing is close to the query. */
  stash: StashRow | null;
  /** Null when found by its name. */
  matchScore: number | null;
  alternatives: { id: string; name: string; matchScore: number }[];
  recentNames: string[];
  /** Where nothing is close: other kinds that hold something relevant. */
  elsewhere: MemoryKind[];
  dropped: boolean;
  degraded: Degradation[];
}

/** A pop without a stash, and what every one has. */
export const NOTHING: Omit<PopResult, 'dropped'> = {
  stash: null,
  matchScore: null,
  alternatives: [],
  recentNames: [],
  elsewhere: [],
  degraded: [],
};

const MAX_RECENT_NAMES = 10;
/** A caller of pop knows that there is a stash, so a lower score is enough than for recall (RELEVANT_SCORE). */
const MIN_POP_SCORE = 0.24;

/** The stash that fits a description best, with the runners-up; without one, what else there is. */
export async function findStash(
  { repository, search }: { repository: StashRepository; search: Search },
  projectId: string,
  query: string,
): Promise<Omit<PopResult, 'dropped'>> {
  const outcome = await search.search({
    projectId,
    query,
    kinds: ['stash'],
    limit: 4,
    minimumScore: MIN_POP_SCORE,
  });
  const rows = new Map(
    (
      await repository.findByIds(
        projectId,
        outcome.hits.map((hit) => hit.id),
      )
    ).map((row) => [row.id, row]),
  );
  const found = outcome.hits.flatMap((hit) => {
    const row = rows.get(hit.id);
    return row ? [{ row, score: hit.score }] : [];
  });
  const [best, ...others] = found;
  if (!best) {
    const [recentNames, elsewhere] = await Promise.all([
      repository.listRecentNames(projectId, MAX_RECENT_NAMES),
      findOtherKinds(search, { projectId, query, kinds: ['stash'] }),
    ]);
    return { ...NOTHING, recentNames, elsewhere, degraded: outcome.degraded };
  }
  const alternatives = others.map(({ row, score }) => ({ id: row.id, name: row.name, matchScore: score }));
  return { ...NOTHING, stash: best.row, matchScore: best.score, alternatives, degraded: outcome.degraded };
}
