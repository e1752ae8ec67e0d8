import type { TextRange } from '../../embedding/embedding-types.js';

/** Where the words of an identifier meet, as popstash_word_parts cuts it in the database: parse, HTTP, Config. */
const SEAM = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g;

export interface SpacedText {
  text: string;
  /** A range of `text` in the text as it was; both in UTF-16 offsets. */
  toOriginal(range: TextRange): TextRange;
}

/**
 * A text as the model reads it: `parseHTTPConfig` as `parse HTTP Config`. The model knows no upper case, so it would read
 * one word that it has never seen. Passages and queries go the same way.
 */
export function spaceIdentifiers(original: string): SpacedText {
  const seams = Array.from(original.matchAll(SEAM), ({ index }) => index);
  if (seams.length === 0) return { text: original, toOriginal: (range) => range };
  const back = (offset: number): number => offset - countBefore(seams, offset);
  return {
    text: original.replace(SEAM, ' '),
    toOriginal: ({ start, end }) => ({ start: back(start), end: back(end) }),
  };
}

/** Blanks before an offset of the spaced text: that of the seam `i` stands at `seams[i] + i`. */
function countBefore(seams: readonly number[], offset: number): number {
  let low = 0;
  let high = seams.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seams[middle] as number) + middle < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
