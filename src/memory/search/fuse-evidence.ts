import type { Evidence, QueryTraits } from './evidence.js';
import { meaningOf } from './read-meaning.js';
import { addNames, confidenceOf } from './score-confidence.js';
import type { Retriever } from './search-types.js';
import { chooseLexicalWeight, MIN_BEST_LEXICAL } from './weigh-words.js';

export interface ScoredEvidence {
  evidence: Evidence;
  score: number;
}

/**
 * Spread of ranks: fused evidence at which names and identifiers, which take a share of what is missing to 1, find half of it
 * missing, and its steepness. Orders hits only; whether a hit is relevant is said by its confidence.
 */
const MIDDLE = 0.32;
const STEEPNESS = 10;

/**
 * Orders memories by cosine plus words, the words weighed by what this query's own evidence says of them, and scores each, 0
 * to 1, comparable between queries. A low cosine never hides strong words, and a memory without a vector is ranked by the
 * cosine that its words predict.
 * @returns best first, no score above the one before it
 */
export function fuseEvidence(
  found: readonly Evidence[],
  traits: QueryTraits,
  retriever: Retriever = 'hybrid',
): ScoredEvidence[] {
  if (retriever === 'lexical') return sortByRank(found.map((evidence) => ({ evidence, score: evidence.lexical })));
  if (retriever === 'vector')
    return sortByRank(found.map((evidence) => ({ evidence, score: Math.max(0, evidence.cosine ?? 0) })));
  const best = found.reduce((most, { lexical }) => Math.max(most, lexical), 0);
  const weight = chooseLexicalWeight(found, traits);
  const rankOf = (evidence: Evidence): number => {
    const words = evidence.lexical / Math.max(best, MIN_BEST_LEXICAL);
    const fused = (meaningOf(evidence, traits) + weight * words) / (1 + weight);
    return addNames(1 / (1 + Math.exp(-STEEPNESS * (fused - MIDDLE))), evidence);
  };
  return levelScores(
    sortByRank(found.map((evidence) => ({ evidence, score: rankOf(evidence) }))).map(({ evidence }) => ({
      evidence,
      score: confidenceOf(evidence, traits),
    })),
  );
}

function sortByRank(scored: ScoredEvidence[]): ScoredEvidence[] {
  return scored.sort((a, b) => b.score - a.score || (a.evidence.id < b.evidence.id ? -1 : 1));
}

/** A hit is at least as sure as those that rank below it. */
function levelScores(ranked: ScoredEvidence[]): ScoredEvidence[] {
  let least = 0;
  for (const hit of ranked.toReversed()) {
    least = Math.max(least, hit.score);
    hit.score = least;
  }
  return ranked;
}
