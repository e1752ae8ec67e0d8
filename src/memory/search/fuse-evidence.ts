import type { MemoryKind } from '../memory-types.js';
import type { Retriever } from './search-types.js';

/** What is known of one memory for one query, before it becomes a score. */
export interface Evidence {
  kind: MemoryKind;
  id: string;
  /** Cosine of its best passage; null when the query or the memory has no vector (yet). */
  cosine: number | null;
  /** BM25 of its best passage divided by the query's upper bound, 0 to 1. */
  lexical: number;
  /** Share of the query's words that its best passage holds, each by its rarity, 0 to 1. */
  coverage: number;
  /** Its name, key or topic against the query, 0 to 1; 1 is equality. */
  nameMatch: number;
  /** Memories with the rarest identifier of the query that this memory holds whole; 0 when it holds none. */
  identifierSpread: number;
  /** Words of the query that its best passage holds. */
  words: string[];
}

/**
 * Weight of the words beside the cosine's 1. They count by the square of their share of the query's best lexical hit: a
 * convex combination with the query's own maximum (Bruch et al., "An Analysis of Fusion Functions for Hybrid Retrieval",
 * 2023), squared, since only the top of a lexical ranking carries information. Found on two development sets, where
 * neighbouring values do as well (docs/benchmarks.md, Retrieval).
 */
const LEXICAL_WEIGHT = 0.125;

/**
 * The cosine that the words of a memory predict. It replaces a cosine that is missing, and is a little low so that a
 * measured cosine wins. MIN_COSINE_SLOPE is what strong words are worth at least, with any cosine.
 */
const EXPECTED_COSINE = { intercept: 0.1, slope: 1.1, max: 0.75 };
const MIN_COSINE_SLOPE = 0.9;

/** What is known of a query beside its hits. */
export interface QueryTraits {
  /** Share of its letters, 0 to 1, whose script the model knows. */
  knownShare: number;
}

/** With a smaller share of known letters words alone decide whether a memory is relevant. */
export const MIN_KNOWN_SHARE = 0.5;

/**
 * The cosine that the words of a memory stand for where the model does not know the query's script: to it, all texts of an
 * unknown script are alike. The best hit is relevant from about 0.3 of the query's words on.
 */
const COVERAGE_COSINE = { intercept: -0.075, slope: 0.8 };

/**
 * Logistic calibration: fused evidence at which a best hit is as likely an answer as not, and its steepness. Set by what
 * must be found, since a doubtful hit costs an agent less than a memory it never sees: on the coding sessions every
 * question that has an answer has a hit of cosine 0.29 or more, and short paraphrases without a shared word ("how do
 * users log in?" of a note on signed web tokens) lie at 0.30; test/unit/memory/relevance.test.ts holds it to that.
 */
const EVEN_ODDS = 0.32;
const STEEPNESS = 10;

/** Below it a hit is not relevant. Under one half, since an agent can reject a doubtful hit but not find a missing one. */
export const RELEVANT_SCORE = 0.35;

/** Names less alike than this say nothing (pg_trgm's own limit is 0.3, which unrelated names reach). */
export const NAME_FLOOR = 0.4;
const NAME_WEIGHT = 0.6;
/** An identifier in this few memories picks them out; in more, it does so in proportion less. */
const RARE_SPREAD = 5;
const IDENTIFIER_WEIGHT = 0.85;

/**
 * Turns evidence into scores, 0 to 1, that are comparable between queries, best first.
 * A low cosine never hides strong words, and a memory without a vector is scored by the cosine that its words predict.
 */
export function fuseEvidence(
  found: readonly Evidence[],
  { knownShare }: QueryTraits,
  retriever: Retriever = 'hybrid',
): { evidence: Evidence; score: number }[] {
  const bestLexical = found.reduce((best, one) => Math.max(best, one.lexical), 0);
  const scored = found.map((evidence) => ({
    evidence,
    score: scoreOf(evidence, { bestLexical, knownShare }, retriever),
  }));
  return scored.sort((a, b) => b.score - a.score || (a.evidence.id < b.evidence.id ? -1 : 1));
}

function scoreOf(
  evidence: Evidence,
  { bestLexical, knownShare }: QueryTraits & { bestLexical: number },
  retriever: Retriever,
): number {
  if (retriever === 'lexical') return evidence.lexical;
  if (retriever === 'vector') return Math.max(0, evidence.cosine ?? 0);
  const cosine = knownShare * cosineOf(evidence) + (1 - knownShare) * coverageCosine(evidence.coverage);
  const relative = bestLexical > 0 ? evidence.lexical / bestLexical : 0;
  const fused = (cosine + LEXICAL_WEIGHT * relative ** 2) / (1 + LEXICAL_WEIGHT);
  return addNames(1 / (1 + Math.exp(-STEEPNESS * (fused - EVEN_ODDS))), evidence);
}

function cosineOf({ cosine, lexical }: Evidence): number {
  return cosine === null ? expectedCosine(lexical) : Math.max(cosine, MIN_COSINE_SLOPE * lexical);
}

function coverageCosine(coverage: number): number {
  return COVERAGE_COSINE.intercept + COVERAGE_COSINE.slope * coverage;
}

function expectedCosine(lexical: number): number {
  return Math.min(EXPECTED_COSINE.max, EXPECTED_COSINE.intercept + EXPECTED_COSINE.slope * lexical);
}

/** Names and identifiers add a share of what is missing to 1; an equal name makes it 1. */
function addNames(score: number, evidence: Evidence): number {
  if (evidence.nameMatch >= 1) return 1;
  const name = NAME_WEIGHT * Math.max(0, (evidence.nameMatch - NAME_FLOOR) / (1 - NAME_FLOOR));
  const identifier =
    evidence.identifierSpread > 0 ? IDENTIFIER_WEIGHT * Math.min(1, RARE_SPREAD / evidence.identifierSpread) : 0;
  return Math.min(0.999, 1 - (1 - score) * (1 - name) * (1 - identifier));
}
