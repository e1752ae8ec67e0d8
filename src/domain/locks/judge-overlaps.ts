import type { Unjudged } from './lock-repository.js';
import { patternsOverlap } from './patterns/compare-patterns.js';
import type { Pattern } from './patterns/pattern-types.js';

/** Comparisons between two pauses: other calls of this process get their turn. */
const COMPARED_AT_ONCE = 200;

/** What was compared stays true: an id never changes what it stands for. */
export interface Judgements {
  free: string[];
  overlapping: string[];
}

/** Adds to `judged` for each candidate whether any of its patterns could match a path of the requested ones. */
export async function judgeOverlaps(
  patterns: readonly Pattern[],
  candidates: readonly Unjudged[],
  judged: Judgements,
): Promise<void> {
  let compared = 0;
  for (const candidate of candidates) {
    const overlaps = patterns.some((pattern) => findOverlap(pattern, candidate) !== null);
    (overlaps ? judged.overlapping : judged.free).push(candidate.id);
    compared += patterns.length * candidate.keys.length;
    if (compared < COMPARED_AT_ONCE) continue;
    compared = 0;
    await new Promise(setImmediate);
  }
}

/** Index of the first of the candidate's patterns that this one overlaps; null when there is none. */
export function findOverlap(pattern: Pattern, candidate: Pick<Unjudged, 'keys' | 'globs'>): number | null {
  const index = candidate.keys.findIndex((key, at) =>
    patternsOverlap(pattern, { key, isGlob: candidate.globs[at] ?? false }),
  );
  return index < 0 ? null : index;
}
