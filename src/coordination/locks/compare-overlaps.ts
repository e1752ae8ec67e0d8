import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { patternsOverlap } from '../../globs/compare-patterns.js';
import type { PlacedPattern } from './lock-types.js';

/** A lock, or a position in the queue (its id begins with `w`), that the caller has to compare with its own patterns. */
export interface Undecided {
  id: string;
  boards: string[];
  worktrees: string[];
  keys: string[];
  globs: boolean[];
  /** Boards among them whose locks exclude across worktrees. */
  denies: string[];
}

/** Ids that were compared before. What was found stays true: an id never changes what it stands for. */
export interface Compared {
  free: string[];
  overlapping: string[];
}

/** Adds to `compared` for each candidate whether any of its patterns could match a file of the requested ones. */
export async function compareOverlaps(
  patterns: readonly PlacedPattern[],
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

/** Index of the first of the candidate's patterns that this one is excluded by; null when there is none. */
export function findOverlap(pattern: PlacedPattern, candidate: Omit<Undecided, 'id'>): number | null {
  const { board, worktree } = pattern;
  const { boards, worktrees, keys, globs, denies } = candidate;
  const index = keys.findIndex(
    (key, at) =>
      boards[at] === board &&
      (worktrees[at] === worktree || denies.includes(board)) &&
      patternsOverlap(pattern, { key, isGlob: globs[at] ?? false }),
  );
  return index < 0 ? null : index;
}
