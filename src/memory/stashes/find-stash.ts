import { estimateTokens } from '../../text/estimate-tokens.js';
import { markExcerpt, type Place } from '../excerpts/join-passage.js';
import { type PassageDeps, showPassages } from '../excerpts/show-passages.js';
import type { Degradation, MemoryKind } from '../memory-types.js';
import type { Holds } from '../origins/origin-types.js';
import { findOtherKinds } from '../search/find-other-kinds.js';
import type { Search } from '../search/search-types.js';
import type { StashRepository, StashRow } from './stash-repository.js';

/** A stash that is close, too. */
export interface Alternative {
  id: string;
  name: string;
  matchScore: number;
  /** What of it answers, or the whole of a short one; `place` is null then. */
  passage: string;
  place: Place | null;
}

export interface PopResult {
  /** Null when nothing is close to the query. */
  stash: StashRow | null;
  /** Of the stash; undefined where no worktree is known. */
  holds?: Holds | undefined;
  /** Null when found by its name. */
  matchScore: number | null;
  alternatives: Alternative[];
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
/** Tokens of an alternative's text: enough to choose by. */
const PASSAGE_TOKENS = 40;
/** Characters that surely take more. */
const LONG_CHARS = 1_000;
/** A caller of pop knows that there is a stash, so a lower score is enough than for recall (RELEVANT_SCORE). */
const MIN_POP_SCORE = 0.24;

/** The stash that fits a description best, with the runners-up; without one, what else there is. */
export async function findStash(
  { repository, search, memories }: PassageDeps & { repository: StashRepository; search: Search },
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
  const alternatives = await showAlternatives({ search, memories }, projectId, query, others);
  return { ...NOTHING, stash: best.row, matchScore: best.score, alternatives, degraded: outcome.degraded };
}

async function showAlternatives(
  deps: PassageDeps,
  projectId: string,
  query: string,
  found: readonly { row: StashRow; score: number }[],
): Promise<Alternative[]> {
  const cut = found
    .filter(({ row }) => estimateTokens(row.summary.slice(0, LONG_CHARS)) > PASSAGE_TOKENS)
    .map(({ row }) => ({ id: row.id, tokens: PASSAGE_TOKENS }));
  const passages = await showPassages(deps, projectId, query, cut);
  return found.map(({ row: { id, name, summary }, score }) => {
    const shown = passages.get(id);
    const alternative = { id, name, matchScore: score };
    if (!shown) return { ...alternative, passage: summary, place: null };
    const { from, to } = shown.content;
    const passage = markExcerpt(shown.content, shown.memory.content);
    return { ...alternative, passage, place: { from, to, of: shown.memory.content.length } };
  });
}
