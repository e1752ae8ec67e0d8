import { type Metrics, meanMetrics, scoreRanking } from '../evaluation/metrics.js';
import { MEMORY_KINDS } from '../memory-types.js';
import type { Retriever, Search } from '../search/search-types.js';
import type { MarkedPair } from './feedback-repository.js';

export interface OwnQuery {
  query: string;
  /** Of the hybrid search. */
  'nDCG@10': number;
}

/** What searches of this project's own marked queries find. */
export interface OwnEvaluation {
  /** Queries with something useful. */
  queries: number;
  useful: number;
  wrong: number;
  /** By retriever, of the memories marked useful. */
  legs: Record<Retriever, Metrics>;
  /** Share of the queries with something wrong whose first hit is that; null without such queries. */
  wrongFirst: number | null;
  /** Each query, so that a later run can be compared on the same ones. */
  each: OwnQuery[];
}

export interface OwnRun {
  onProgress(message: string, done: number, total: number): void;
  signal: AbortSignal;
}

const RETRIEVERS = ['hybrid', 'vector', 'lexical'] as const;
const DEPTH = 20;

/** Asks each marked query of each retriever and scores the answers. @throws when aborted */
export async function evaluateOwn(
  search: Search,
  projectId: string,
  pairs: readonly MarkedPair[],
  { onProgress, signal }: OwnRun,
): Promise<OwnEvaluation> {
  const byQuery = new Map<string, MarkedPair[]>();
  for (const pair of pairs) byQuery.set(pair.query, [...(byQuery.get(pair.query) ?? []), pair]);
  const scores: Record<Retriever, Metrics[]> = { lexical: [], vector: [], hybrid: [] };
  const each: OwnQuery[] = [];
  let doubted = 0;
  let wrongFirst = 0;
  let done = 0;
  for (const [query, marked] of byQuery) {
    signal.throwIfAborted();
    const idsOf = (wanted: MarkedPair['verdict']) =>
      marked.filter(({ verdict }) => verdict === wanted).map(({ id }) => id);
    const useful = new Map(idsOf('useful').map((id) => [id, 1]));
    const wrong = idsOf('wrong');
    for (const retriever of RETRIEVERS) {
      const { hits } = await search.search({ projectId, query, kinds: MEMORY_KINDS, limit: DEPTH, retriever });
      const ranked = hits.map(({ id }) => id);
      if (useful.size > 0) scores[retriever].push(scoreRanking(ranked, useful));
      if (retriever === 'hybrid' && wrong.length > 0) {
        doubted += 1;
        if (ranked[0] !== undefined && wrong.includes(ranked[0])) wrongFirst += 1;
      }
    }
    const own = scores.hybrid.at(-1);
    if (useful.size > 0 && own) each.push({ query, 'nDCG@10': own['nDCG@10'] });
    done += 1;
    onProgress('searched', done, byQuery.size);
  }
  return {
    queries: each.length,
    useful: pairs.filter(({ verdict }) => verdict === 'useful').length,
    wrong: pairs.filter(({ verdict }) => verdict === 'wrong').length,
    legs: {
      lexical: meanMetrics(scores.lexical),
      vector: meanMetrics(scores.vector),
      hybrid: meanMetrics(scores.hybrid),
    },
    wrongFirst: doubted > 0 ? wrongFirst / doubted : null,
    each,
  };
}

/** The hybrid search of two runs, on the queries that both have. */
export interface OwnComparison {
  shared: number;
  before: number;
  now: number;
  isWorse: boolean;
}

/** A difference of means that rounding may make. */
const TOLERANCE = 0.000_5;

/** Compares with an earlier run: the gate of a change of weights. */
export function compareRuns(before: readonly OwnQuery[], now: readonly OwnQuery[]): OwnComparison {
  const earlier = new Map(before.map((one) => [one.query, one['nDCG@10']]));
  const shared = now.filter(({ query }) => earlier.has(query));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const was = mean(shared.map(({ query }) => earlier.get(query) ?? 0));
  const is = mean(shared.map((one) => one['nDCG@10']));
  return { shared: shared.length, before: was, now: is, isWorse: is < was - TOLERANCE };
}
