import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { patternsOverlap } from '../../globs/compare-patterns.js';
import type { Pattern } from '../../globs/pattern-types.js';

/** A lock, or a position in the queue (its id begins with `w`), that the caller has to compare with its own patterns. */
export interface Undecided {
  id: string;
  keys: string[];
  globs: boolean[];
}

/** Ids that were compared before. What was found stays true: an id never changes what it stands for. */
export interface Compared {
  free: string[];
  overlapping: string[];
}

/** Adds to `compared` for each candidate whether any of its patterns could match a path of the requested ones. */
export async function compareOverlaps(
  patterns: readonly Pattern[],
  candidates: readonly Undecided[],
  compared: Compared,
): Promise<void> {
  for (const candidate of candidates) {
    let overlaps = false;
    for (const pattern of patterns) {
      // The worst pair takes about 4 ms.
      await yieldToEventLoop();
      overlaps = findOverlap(pattern, candidate) !== null;
      if (overlaps) break;
    }
    (overlaps ? compared.overlapping : compared.free).push(candidate.id);
  }
}

/** Index of the first of the candidate's patterns that this one overlaps; null when there is none. */
export function findOverlap(pattern: Pattern, candidate: Pick<Undecided, 'keys' | 'globs'>): number | null {
  const index = candidate.keys.findIndex((key, at) =>
    patternsOverlap(pattern, { key, isGlob: candidate.globs[at] ?? false }),
  );
  return index < 0 ? null : index;
}
