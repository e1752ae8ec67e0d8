import { OVERLAP_PIECES, PASSAGE_PIECES, type TextRange } from './embedding-types.js';
import type { WordReader } from './read-words.js';

interface Edge {
  start: number;
  end: number;
  /** Pieces from the beginning of the text up to this word, without it and with it. */
  before: number;
  after: number;
}

/**
 * Cuts a text into ranges of at most PASSAGE_PIECES pieces, between words. Each begins at the word that makes it share at
 * least OVERLAP_PIECES with the range before. Together they cover the text.
 * Yields every 500 words, so that the caller can do something else in between.
 */
export function* splitText(text: string, reader: WordReader): Generator<void, TextRange[]> {
  if (reader.encode(text, PASSAGE_PIECES).whole) return [{ start: 0, end: text.length }];
  const ranges: TextRange[] = [];
  let edges: Edge[] = [];
  let start = 0;
  let piecesBefore = 0;
  let total = 0;
  let read = 0;
  for (const word of reader.words(text)) {
    const after = total + word.pieces.length;
    if (after - piecesBefore > PASSAGE_PIECES) {
      const last = edges.at(-1);
      if (!last) throw new Error('a word of more pieces than a passage');
      ranges.push({ start, end: last.end });
      edges = edges.slice(firstShared(edges, last.after - OVERLAP_PIECES, after - PASSAGE_PIECES));
      start = edges[0]?.start ?? word.start;
      piecesBefore = edges[0]?.before ?? total;
    }
    edges.push({ start: word.start, end: word.end, before: total, after });
    total = after;
    read += 1;
    if (read % 500 === 0) yield;
  }
  ranges.push({ start, end: text.length });
  return ranges;
}

/**
 * Index of the word with which the next range begins: the last one at or before piece `wanted`, unless the word after
 * the range would then not fit.
 * @param least first piece at which the next range may begin, so that this word fits
 */
function firstShared(edges: readonly Edge[], wanted: number, least: number): number {
  let index = edges.length;
  while (index > 0 && (edges[index - 1]?.after ?? 0) > wanted && (edges[index - 1]?.before ?? 0) >= least) index -= 1;
  return index;
}
