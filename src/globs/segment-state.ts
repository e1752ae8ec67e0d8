/** How far the current segment of a path has been read. No path has an empty, '.' or '..' segment. */
export const SEGMENT_START = 0;
const AFTER_DOT = 1;
const AFTER_DOTS = 2;
const IN_NAME = 3;
/** Like SEGMENT_START, with nothing of the path read so far. A path never ends here. */
export const PATH_START = 4;
/** Number of states. */
export const SEGMENT_STATES = 5;

/** Kinds of characters, as bits. */
export const SLASH_BIT = 1;
export const DOT_BIT = 2;
export const OTHER_BIT = 4;

/** The state after one character of a kind; null where no path has such a character. */
export function nextSegmentState(state: number, kind: number): number | null {
  if (kind === SLASH_BIT) return state === IN_NAME ? SEGMENT_START : null;
  if (kind === OTHER_BIT || state === IN_NAME || state === AFTER_DOTS) return IN_NAME;
  return state === AFTER_DOT ? AFTER_DOTS : AFTER_DOT;
}

/**
 * A table of transitions for sets of states.
 * @returns by index: a set of kinds (3 bits) and, above it, a set of states (5 bits). The entry is the set of states
 *   after one character of any of these kinds.
 */
export function tabulateSegmentStates(): Uint8Array {
  const table = new Uint8Array(1 << (SEGMENT_STATES + 3));
  for (let index = 0; index < table.length; index += 1) {
    for (let state = 0; state < SEGMENT_STATES; state += 1) {
      if (!((index >> 3) & (1 << state))) continue;
      for (const kind of [SLASH_BIT, DOT_BIT, OTHER_BIT]) {
        const next = index & kind ? nextSegmentState(state, kind) : null;
        if (next !== null) table[index] = (table[index] ?? 0) | (1 << next);
      }
    }
  }
  return table;
}
