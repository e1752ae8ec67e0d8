import { segmentQuery } from '../search/segment-query.js';
import type { InsightRepository } from './insight-repository.js';

export interface SimilarInsight {
  id: string;
  key: string | null;
  content: string;
  similarity: number;
}

/** Jaccard similarity of two texts' words from which they are near-duplicates. */
const MIN_SIMILARITY = 0.6;
/** Words that candidates are looked up by: the longest, which are the rarest without a look at statistics. */
const MAX_PROBES = 5;
/** Characters of a text that are compared: the warning is not worth more time than the write. */
const MAX_COMPARED_CHARS = 4_000;

/**
 * Insights that say nearly the same, by their words: the write does not wait for a vector.
 * @returns at most three, most similar first; a warning for the agent, never a reason to refuse.
 */
export async function findSimilarInsights(
  repository: InsightRepository,
  projectId: string,
  content: string,
): Promise<SimilarInsight[]> {
  const own = wordsOf(content);
  const probes = [...own]
    .filter((word) => /^[a-z]+$/.test(word) === false || word.length > 3)
    .sort(byLength)
    .slice(0, MAX_PROBES);
  if (probes.length < 2) return [];
  const shared = Math.ceil(probes.length * MIN_SIMILARITY);
  const candidates = await repository.findSimilar(projectId, queryAtLeast(shared, probes), MAX_COMPARED_CHARS);
  return candidates
    .map((candidate) => ({
      id: candidate.id,
      key: candidate.key,
      content: candidate.content.slice(0, 200),
      similarity: Math.round(jaccard(own, wordsOf(candidate.content)) * 100) / 100,
    }))
    .filter((similar) => similar.similarity >= MIN_SIMILARITY)
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, 3);
}

/**
 * A tsquery that holds where at least so many of the words do.
 * @param words of letters and digits only; at least `count`
 */
function queryAtLeast(count: number, words: readonly string[]): string {
  const [first = '', ...rest] = words.map((word) => `'${word}'`);
  if (count === words.length) return [first, ...rest].join(' & ');
  if (count === 1) return [first, ...rest].join(' | ');
  return `${first} & (${queryAtLeast(count - 1, words.slice(1))}) | ${queryAtLeast(count, words.slice(1))}`;
}

function byLength(a: string, b: string): number {
  return b.length - a.length || (a < b ? -1 : 1);
}

/** Its words; where a script has no spaces, the grams of them that the index holds. */
function wordsOf(text: string): Set<string> {
  const { spaced, words } = segmentQuery(text.slice(0, MAX_COMPARED_CHARS));
  const grams = words.filter(({ functional }) => !functional).flatMap((word) => word.grams);
  return new Set([...(spaced.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []), ...grams]);
}

function jaccard(a: Set<string>, b: Set<string>): number {
  let shared = 0;
  for (const word of a) if (b.has(word)) shared += 1;
  const all = a.size + b.size - shared;
  return all === 0 ? 0 : shared / all;
}
