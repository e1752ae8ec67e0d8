import type { TextRange } from '../../embedding/embedding-types.js';

/** A part of a text, placed in code points (as PostgreSQL counts), [start, end). */
export interface TextPart {
  start: number;
  end: number;
  text: string;
}

/** Ranges in UTF-16 offsets, sorted by start, as parts placed in code points. Reads the text once. */
export function partsOf(text: string, ranges: readonly TextRange[]): TextPart[] {
  const wanted = [...new Set(ranges.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const points = new Map<number, number>();
  let at = 0;
  let count = 0;
  for (const offset of wanted) {
    while (at < offset) {
      at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
      count += 1;
    }
    points.set(offset, count);
  }
  return ranges.map(({ start, end }) => ({
    start: points.get(start) as number,
    end: points.get(end) as number,
    text: text.slice(start, end),
  }));
}
