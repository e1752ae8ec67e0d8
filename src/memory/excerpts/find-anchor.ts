import type { Occurrence, QueryRoots } from './query-roots.js';

/** A part of a text, in UTF-16 offsets, and how near it is to the query by its vector. */
export interface NearRange {
  start: number;
  end: number;
  cosine: number;
}

export interface Anchor {
  /** UTF-16 offset at which the passage that answers begins. */
  at: number;
  /** How well it answers, comparable within one query; 0 where nothing speaks for it. */
  score: number;
}

/** Characters over which the words of an answer are spread at most, and at least looked for. */
const MAX_SPREAD = 400;
const MIN_SPREAD = 120;
/** About how many characters a sentence has: a word that occurs in each sentence says nothing. */
const SENTENCE_CHARS = 150;
/** What a passage counts that is not among the nearest, of the least near of these. */
const FAR = 0.8;
/** Characters that are read back from an anchor for the beginning of its sentence. */
const MAX_BACK = 220;

/**
 * The place in a text that answers the query: where the most of its words stand together, rare ones counting more, in a
 * part that is near to the query by its vector. Without such words, the beginning of the nearest part.
 * @param size characters that will be shown
 */
export function findAnchor(text: string, roots: QueryRoots, near: readonly NearRange[], size: number): Anchor {
  const spread = Math.min(MAX_SPREAD, Math.max(MIN_SPREAD, size));
  const found = roots.findIn(text);
  const weights = weigh(found, roots.count, text.length);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const far = FAR * Math.min(...near.map(({ cosine }) => Math.max(0, cosine)), 1) * (near.length > 0 ? 1 : 0);
  const cosineAt = (at: number) =>
    near.reduce((best, range) => (range.start <= at && at < range.end ? Math.max(best, range.cosine) : best), far);
  let best: Anchor = { at: 0, score: 0 };
  for (const { start, cosine } of near) {
    if (cosine > best.score) best = { at: start, score: cosine };
  }
  for (const [index, { at }] of found.entries()) {
    const words = total > 0 ? sumWithin(found, index, spread, weights) / total : 0;
    const score = words + cosineAt(at);
    if (score > best.score) best = { at, score };
  }
  return { ...best, at: sentenceStart(text, best.at) };
}

/** For each word the logarithm of how seldom a sentence has it. */
function weigh(found: readonly Occurrence[], words: number, length: number): number[] {
  const counts = new Array<number>(words).fill(0);
  for (const { root } of found) counts[root] = (counts[root] ?? 0) + 1;
  const sentences = Math.max(1, length / SENTENCE_CHARS);
  return counts.map((count) => (count === 0 ? 0 : Math.log(1 + sentences / count)));
}

/** What the words weigh that stand from this occurrence on, within the spread, each once. */
function sumWithin(found: readonly Occurrence[], from: number, spread: number, weights: readonly number[]): number {
  const until = (found[from]?.at ?? 0) + spread;
  const seen = new Set<number>();
  let sum = 0;
  for (let i = from; i < found.length; i += 1) {
    const { at, root } = found[i] as Occurrence;
    if (at > until || seen.size === weights.length) break;
    if (seen.has(root)) continue;
    seen.add(root);
    // Words that stand close together belong together.
    sum += (weights[root] ?? 0) * (1 - (0.3 * (until - spread < at ? at - (until - spread) : 0)) / spread);
  }
  return sum;
}

/** The beginning of the sentence or line that holds this place; of a very long one, that of a word near before it. */
export function sentenceStart(text: string, at: number): number {
  const from = Math.max(0, at - MAX_BACK);
  const before = text.slice(from, at);
  let start = from === 0 ? 0 : -1;
  for (const match of before.matchAll(/\n\s*|[.!?…]["')\]]?\s+|[。！？]\s*/gu))
    start = from + match.index + match[0].length;
  if (start >= 0) return start;
  const blank = before.slice(-MAX_BACK / 4).search(/\s\S*$/);
  return blank < 0 ? at : at - Math.min(before.length, MAX_BACK / 4) + blank + 1;
}
