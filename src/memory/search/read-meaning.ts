import type { Evidence, QueryTraits } from './evidence.js';

/**
 * The cosine that the words of a memory predict. It replaces a cosine that is missing, and is a little low so that a
 * measured cosine wins. MIN_COSINE_SLOPE is what strong words are worth at least, with any cosine.
 */
const EXPECTED_COSINE = { intercept: 0.1, slope: 1.1, max: 0.75 };
const MIN_COSINE_SLOPE = 0.9;

/** The cosine that the words of a memory stand for where the model does not know the query's script. */
const COVERAGE_COSINE = { intercept: -0.075, slope: 0.8 };

/**
 * What is taken for a memory's cosine: as far as the model knows the query's script its cosine, which strong words bound from
 * below; for the rest its words, since to the model all texts of an unknown script are alike.
 */
export function meaningOf(evidence: Evidence, { knownShare }: Pick<QueryTraits, 'knownShare'>): number {
  const covered = COVERAGE_COSINE.intercept + COVERAGE_COSINE.slope * evidence.coverage;
  return knownShare * knownMeaning(evidence) + (1 - knownShare) * covered;
}

/** For a query in a script that the model knows. */
export function knownMeaning({ cosine, lexical }: Pick<Evidence, 'cosine' | 'lexical'>): number {
  if (cosine !== null) return Math.max(cosine, MIN_COSINE_SLOPE * lexical);
  return Math.min(EXPECTED_COSINE.max, EXPECTED_COSINE.intercept + EXPECTED_COSINE.slope * lexical);
}
