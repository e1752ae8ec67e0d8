import type { TextRange } from '../../embedding/embedding-types.js';

/** A part of a text; its offsets are in code points (as PostgreSQL counts), [start, end). */
export interface TextPart {
  start: number;
  end: number;
  text: string;
}

/** Turns ranges in UTF-16 offsets, sorted by start, into parts with offsets in code points. Reads the text once. */
export function partsOf(text: string, ranges: readonly TextRange[]): TextPart[] {
  const wanted = [...new Set(ranges.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const codePoints = new Map<number, number>();
  let position = 0;
  let count = 0;
  for (const offset of wanted) {
    while (position < offset) {
      position += (text.codePointAt(position) as number) > 0xffff ? 2 : 1;
      count += 1;
    }
    codePoints.set(offset, count);
  }
  return ranges.map(({ start, end }) => ({
    start: codePoints.get(start) as number,
    end: codePoints.get(end) as number,
    text: text.slice(start, end),
  }));
}
