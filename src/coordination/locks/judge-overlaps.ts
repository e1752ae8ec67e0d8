import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { patternsOverlap } from '../../globs/compare-patterns.js';
import type { Pattern } from '../../globs/pattern-types.js';
import type { Unjudged } from './lock-repository.js';

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
  for (const candidate of candidates) {
    let overlaps = false;
    for (const pattern of patterns) {
      // The worst pair takes about 4 ms.
      await yieldToEventLoop();
      overlaps = findOverlap(pattern, candidate) !== null;
      if (overlaps) break;
    }
    (overlaps ? judged.overlapping : judged.free).push(candidate.id);
  }
}

/** Index of the first of the candidate's patterns that this one overlaps; null when there is none. */
export function findOverlap(pattern: Pattern, candidate: Pick<Unjudged, 'keys' | 'globs'>): number | null {
  const index = candidate.keys.findIndex((key, at) =>
    patternsOverlap(pattern, { key, isGlob: candidate.globs[at] ?? false }),
  );
  return index < 0 ? null : index;
}
