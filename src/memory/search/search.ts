import type { Pool } from 'pg';
import type { IsCommonWord } from '../../embedding/common-words.js';
import type { QueryEmbedder } from '../../embedding/embedding-types.js';
import type { Metrics } from '../../telemetry/metric-types.js';
import type { Degradation } from '../memory-types.js';
import { correctWords, suspectWords } from './correct-words.js';
import type { Evidence } from './evidence.js';
import { explainHit, matchedWords, traceTerms } from './explain-hit.js';
import { fuseEvidence } from './fuse-evidence.js';
import { K1 } from './lexical-sql.js';
import type { LexicalOutcome, Term } from './lexical-types.js';
import { locatePassages } from './locate-passages.js';
import { createCoverage } from './measure-coverage.js';
import { createProjectSizes } from './project-sizes.js';
import { createProjectWords } from './project-words.js';
import { MIN_KNOWN_SHARE, NAME_FLOOR, RELEVANT_SCORE } from './score-confidence.js';
import { searchLexically } from './search-lexically.js';
import type {
  HeldProject,
  HeldProjects,
  Search,
  SearchHit,
  SearchOutcome,
  SearchRequest,
  WordsAndVectors,
} from './search-types.js';
import { searchVectors, type VectorCandidate } from './search-vectors.js';

export interface SearchDeps {
  pool: Pool;
  queryEmbedder: QueryEmbedder;
  metrics?: Pick<Metrics, 'searchDegraded'>;
  /** Words that are never taken for misspelt ones. */
  commonWords?: () => Promise<IsCommonWord>;
  /** Projects whose passages this process has in memory; those are searched there. */
  held?: HeldProjects;
  /** Passages from which a project is searched by index and statistics; tests lower it. */
  largeProject?: number;
}

/** The one search for memories of every kind: by words and names while the query's vector is computed, then by vectors. */
export function createSearch(deps: SearchDeps): Search {
  const { pool, queryEmbedder, metrics } = deps;
  const sizes = createProjectSizes(pool, deps.largeProject);
  const projectWords = createProjectWords(pool);

  /** The query with its misspelt words as the project's memories write them; the query itself when that takes too long. */
  async function correct({ projectId, query }: SearchRequest, held: HeldProject | null): Promise<string> {
    const isCommon = await deps.commonWords?.();
    const suspects = suspectWords(query, (word) => isCommon?.(word) ?? false);
    if (suspects.length === 0) return query;
    const words = held?.words ?? (await projectWords.read(projectId));
    return words ? correctWords(query, suspects, words) : query;
  }

  /** By words and names, and by vectors beside what was found so. */
  async function searchBoth(request: SearchRequest, asked: Promise<Float32Array | null>): Promise<WordsAndVectors> {
    const held = (await deps.held?.open(request.projectId)) ?? null;
    if (held) return await held.search({ ...request, corrected: await correct(request, held) }, asked);
    const [size, corrected] = await Promise.all([sizes.sizeOf(request.projectId), correct(request, null)]);
    const [lexical, vector] = await Promise.all([
      searchLexically(pool, { ...request, corrected }, size.hasStatistics),
      asked,
    ]);
    return { lexical, near: vector && (await searchVectors(pool, request, vector, lexical, size.large)) };
  }

  async function search(request: SearchRequest): Promise<SearchOutcome> {
    const retriever = request.retriever ?? 'hybrid';
    const asked = retriever === 'lexical' ? Promise.resolve(null) : queryEmbedder.embedQuery(request.query);
    const { lexical, near } = await searchBoth(request, asked);
    const { knownShare } = lexical;
    const ranked = fuseEvidence(gatherEvidence(request.query, lexical, near ?? []), lexical, retriever);
    const minimum = request.minimumScore ?? RELEVANT_SCORE;
    const isWanted = (evidence: Evidence, score: number) =>
      score >= minimum || (knownShare >= MIN_KNOWN_SHARE && hasOnlyWords(evidence));
    const wanted = ranked.filter(({ evidence, score }) => (request.retriever ? score > 0 : isWanted(evidence, score)));
    const degraded: Degradation[] = near === null && retriever !== 'lexical' ? ['embedding'] : [];
    for (const part of degraded) metrics?.searchDegraded(part);
    return {
      hits: wanted.slice(0, request.limit).map(({ evidence, score }) => toHit(evidence, score)),
      degraded,
    };
  }

  return {
    search,
    async findLater(projectId, ids) {
      const held = await deps.held?.open(projectId);
      return held?.findLater(ids) ?? null;
    },
    async locate(projectId, query, ids) {
      const vector = await queryEmbedder.embedQuery(query);
      if (!vector) return new Map();
      const held = await deps.held?.open(projectId);
      return held ? held.locate(ids, vector) : await locatePassages(pool, ids, vector);
    },
  };
}

/**
 * Found by a word of the query that is no stop word, or by its name, without a vector to compare (its own is not computed
 * yet, or the query's did not come in time). Words are then the only evidence, so such a hit need not reach the minimum.
 */
function hasOnlyWords(evidence: Evidence): boolean {
  return evidence.cosine === null && (evidence.words.length > 0 || evidence.nameMatch >= NAME_FLOOR);
}

/** Joins what the two searches found of each memory. */
function gatherEvidence(query: string, lexical: LexicalOutcome, near: readonly VectorCandidate[]): Evidence[] {
  const bound = lexical.terms.reduce((sum, term) => sum + term.idf * (K1 + 1), 0);
  const nearById = new Map(near.map((candidate) => [candidate.id, candidate]));
  const traced = traceTerms(lexical.terms, lexical.groups);
  const coverageOf = createCoverage(lexical);
  const pointers = lexical.terms.filter((term) => term.identifier && pointsAtOne(query, term.lexeme.slice(1)));
  const build = (
    candidate: Pick<VectorCandidate, 'kind' | 'id'>,
    found: { bm25: number; ords: number[]; nameMatch: number; cosine: number | null },
  ): Evidence => ({
    kind: candidate.kind,
    id: candidate.id,
    cosine: found.cosine,
    lexical: bound > 0 ? Math.min(1, found.bm25 / bound) : 0,
    coverage: coverageOf(found.ords),
    nameMatch: found.nameMatch,
    identifierSpread: spreadOfRarest(pointers, found.ords),
    words: matchedWords(traced, found.ords),
  });
  const byWords = lexical.candidates.map((candidate) =>
    build(candidate, { ...candidate, cosine: nearById.get(candidate.id)?.cosine ?? null }),
  );
  const known = new Set(lexical.candidates.map((candidate) => candidate.id));
  const byMeaning = near
    .filter((candidate) => !known.has(candidate.id))
    .map((candidate) =>
      build(candidate, {
        bm25: candidate.bm25 ?? 0,
        ords: candidate.ords ?? [],
        nameMatch: 0,
        cosine: candidate.cosine,
      }),
    );
  return [...byWords, ...byMeaning];
}

/** Number of passages with the rarest of the pointing identifiers that this memory contains; 0 without one. */
function spreadOfRarest(pointers: readonly Term[], ords: readonly number[]): number {
  const spreads = pointers.filter((term) => ords.includes(term.ord)).map((term) => Math.max(1, term.df));
  return spreads.length > 0 ? Math.min(...spreads) : 0;
}

/**
 * Whether an identifier of the query points at one thing: when it is the whole query, or is one like PROJ-12, max_size,
 * lib/auth.ts or 4f9a01c. Names of products and versions (FastAPI, next.js, CI/CD, python3, utf-8) within a sentence do
 * not.
 */
function pointsAtOne(query: string, identifier: string): boolean {
  if (!/\s/.test(query.trim())) return true;
  const digits = identifier.replace(/\D/g, '').length;
  return digits >= 3 || (digits >= 2 && /[^a-z0-9]/.test(identifier)) || /[a-z]_|\/.*\./.test(identifier);
}

function toHit(evidence: Evidence, score: number): SearchHit {
  const { kind, id, cosine, lexical, nameMatch } = evidence;
  return { kind, id, score, cosine, lexical, nameMatch, why: explainHit(evidence) };
}
