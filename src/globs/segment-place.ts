/** How far the current segment of a path has come. No path has an empty, '.' or '..' segment, and none is empty. */
export const SEGMENT_START = 0;
const AFTER_DOT = 1;
const AFTER_DOTS = 2;
const IN_NAME = 3;
/** As SEGMENT_START, with nothing read at all. */
export const PATH_START = 4;
export const PLACES = 5;

/** Kinds of characters, as bits. */
export const SLASH_BIT = 1;
export const DOT_BIT = 2;
export const OTHER_BIT = 4;

/** Where one character of a kind leads; null where no path has it. */
export function nextPlace(place: number, kind: number): number | null {
  if (kind === SLASH_BIT) return place === IN_NAME ? SEGMENT_START : null;
  if (kind === OTHER_BIT || place === IN_NAME || place === AFTER_DOTS) return IN_NAME;
  return place === AFTER_DOT ? AFTER_DOTS : AFTER_DOT;
}

/** For a set of kinds (3 bits) and, above it, a set of places (5 bits): the set of places after any one character. */
export function tabulatePlaces(): Uint8Array {
  const table = new Uint8Array(1 << (PLACES + 3));
  for (let index = 0; index < table.length; index += 1) {
    for (let place = 0; place < PLACES; place += 1) {
      if (!((index >> 3) & (1 << place))) continue;
      for (const kind of [SLASH_BIT, DOT_BIT, OTHER_BIT]) {
        const next = index & kind ? nextPlace(place, kind) : null;
        if (next !== null) table[index] = (table[index] ?? 0) | (1 << next);
      }
    }
  }
  return table;
}
