import type { Evidence, QueryTraits } from './evidence.js';

/**
 * Weight of the words beside the cosine's 1: BASE × (mean length ÷ 100)^LENGTH × e^(GAP × gap), at most 1. The gap is how far
 * the best hit by words stands out from the second, as a share of it. Words tell apart what stands out, and long texts, of
 * which a vector keeps little; in short texts of much the same words, meaning does. Found on eleven sets, each left
 * out in turn (docs/decisions/words-and-meaning-in-one-score.md).
 */
const BASE = 0.142;
const GAP = 3.4;
const LENGTH = 0.6;
const MIN_LENGTH = 50;
const MAX_WEIGHT = 1;

/** A best hit by words below this share of the query's bound is a weak one, and its gap says little. */
export const MIN_BEST_LEXICAL = 0.1;

/** How much the words of a query count, from what they found. */
export function chooseLexicalWeight(found: readonly Pick<Evidence, 'lexical'>[], { meanLength }: QueryTraits): number {
  let best = 0;
  let second = 0;
  for (const { lexical } of found) {
    if (lexical > best) [best, second] = [lexical, best];
    else if (lexical > second) second = lexical;
  }
  const gap = (best - second) / Math.max(best, MIN_BEST_LEXICAL);
  const length = Math.max(meanLength, MIN_LENGTH) / 100;
  return Math.min(MAX_WEIGHT, BASE * length ** LENGTH * Math.exp(GAP * gap));
}
