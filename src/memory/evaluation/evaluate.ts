import { RELEVANT_SCORE } from '../search/score-confidence.js';
import type { Retriever, Search, SearchHit } from '../search/search-types.js';
import type { BeirDocument, BeirQuery, BeirSet } from './load-beir.js';
import { measureRisk, type Risk } from './measure-risk.js';
import { auroc, type Metrics, meanMetrics, percentile, scoreRanking } from './metrics.js';

export interface Evaluation {
  set: string;
  documents: number;
  queries: number;
  /** By retriever. The name is part of what `popstash eval --json` prints. */
  legs: Record<Retriever, Metrics>;
  /** Of the hybrid's best score; null when every query has an answer. */
  abstention: { auroc: number | null };
  /** What refusing costs and spares; foreign questions count as unanswerable here, not in `abstention`. */
  risk: Risk;
  /** Of the hybrid search, with its query's inference. */
  latency_ms: { p50: number; p99: number };
}

export interface EvaluationDeps {
  /** Questions of other sets, which nothing here answers. */
  foreign: readonly string[];
  projectId: string;
  search: Search;
  /** The real write path; resolves to the memory's id. */
  save(content: string): Promise<string>;
  /** Passages still without a vector. */
  countPending(): Promise<number>;
  /** Counts the project's words, as the maintenance job does every few minutes. */
  refreshStatistics(): Promise<void>;
  onProgress(text: string): void;
  signal: AbortSignal;
}

/** Writes under way at once, as of a few busy agents. */
const WRITERS = 4;
/** Hits asked for: documents that share an id count once, and ten must remain. */
const DEPTH = 60;
/** A search whose query got no vector is repeated up to this often: it says nothing about the vectors. */
const MAX_RETRIES = 20;
const POLL_MS = 250;
/** Nothing embedded for this long, in ms, means that no worker runs. */
const STALLED_MS = 180_000;

/**
 * Writes a set's documents, waits for their vectors, asks its queries of each retriever and scores the answers.
 * @throws when aborted, when a write fails, or when no passage gets its vector for three minutes
 */
export async function evaluate(set: BeirSet, deps: EvaluationDeps): Promise<Evaluation> {
  const documentOf = await writeDocuments(set.documents, deps);
  await awaitVectors(deps);
  await deps.refreshStatistics();
  const latencies: number[] = [];
  const rankings: Record<Retriever, { query: BeirQuery; ranked: string[]; best: number }[]> = {
    lexical: [],
    vector: [],
    hybrid: [],
  };
  for (const [index, query] of set.queries.entries()) {
    deps.signal.throwIfAborted();
    // The hybrid first: its latency must contain the inference, whose result later searches find in the cache.
    for (const retriever of ['hybrid', 'vector', 'lexical'] as const) {
      const { hits, ms } = await ask(query.text, retriever, deps);
      if (retriever === 'hybrid') latencies.push(ms);
      const ranked = [...new Set(hits.map((hit) => documentOf.get(hit.id) ?? hit.id))];
      rankings[retriever].push({ query, ranked, best: hits[0]?.score ?? 0 });
    }
    if ((index + 1) % 50 === 0) deps.onProgress(`searched ${index + 1} of ${set.queries.length} queries`);
  }
  const foreignBest: number[] = [];
  for (const question of deps.foreign) {
    deps.signal.throwIfAborted();
    foreignBest.push((await ask(question, 'hybrid', deps)).hits[0]?.score ?? 0);
  }
  const answerable = (retriever: Retriever) => rankings[retriever].filter(({ query }) => query.relevant.size > 0);
  const metricsOf = (retriever: Retriever): Metrics =>
    meanMetrics(answerable(retriever).map(({ query, ranked }) => scoreRanking(ranked, query.relevant)));
  const bestOf = (one: readonly { best: number }[]) => one.map(({ best }) => best);
  const withAnswer = bestOf(answerable('hybrid'));
  const without = bestOf(rankings.hybrid.filter(({ query }) => query.relevant.size === 0));
  return {
    set: set.name,
    documents: set.documents.length,
    queries: set.queries.length,
    legs: { lexical: metricsOf('lexical'), vector: metricsOf('vector'), hybrid: metricsOf('hybrid') },
    abstention: { auroc: auroc(withAnswer, without) },
    risk: measureRisk(withAnswer, [...without, ...foreignBest], RELEVANT_SCORE),
    latency_ms: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
  };
}

/** @returns for each memory's id that of its document */
async function writeDocuments(documents: readonly BeirDocument[], deps: EvaluationDeps): Promise<Map<string, string>> {
  const documentOf = new Map<string, string>();
  const waiting = documents.entries();
  const write = async (): Promise<void> => {
    for (const [index, document] of waiting) {
      deps.signal.throwIfAborted();
      // An empty document can be found by nothing, and an empty memory is refused.
      if (document.content.trim() === '') continue;
      documentOf.set(await deps.save(document.content), document.id);
      if ((index + 1) % 500 === 0) deps.onProgress(`wrote ${index + 1} of ${documents.length} documents`);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  return documentOf;
}

async function awaitVectors(deps: EvaluationDeps): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  let progressed = Date.now();
  for (;;) {
    deps.signal.throwIfAborted();
    const pending = await deps.countPending();
    if (pending === 0) return;
    if (pending < least) {
      if (Math.floor(pending / 500) < Math.floor(least / 500))
        deps.onProgress(`${pending} passages wait for their vectors`);
      least = pending;
      progressed = Date.now();
    }
    if (Date.now() - progressed > STALLED_MS)
      throw new Error(`no vector came for three minutes; ${pending} passages wait`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function ask(
  query: string,
  retriever: Retriever,
  deps: EvaluationDeps,
): Promise<{ hits: SearchHit[]; ms: number }> {
  for (let attempt = 0; ; attempt++) {
    const started = performance.now();
    const outcome = await deps.search.search({
      projectId: deps.projectId,
      query,
      kinds: ['insight'],
      limit: DEPTH,
      retriever,
    });
    const ms = performance.now() - started;
    if (outcome.degraded.length === 0 || attempt >= MAX_RETRIES) {
      if (outcome.degraded.length > 0) deps.onProgress(`no vector for: ${query}`);
      return { hits: outcome.hits, ms };
    }
  }
}
