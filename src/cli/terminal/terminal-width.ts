import type { Environment } from '../../config.js';

/** Of a terminal that does not say how wide it is, in columns. */
const DEFAULT_WIDTH = 80;
/** Narrower than this nothing can be laid out. */
const MIN_WIDTH = 20;

/** Columns of the terminal that a stream is, by itself or by COLUMNS; without one, lines may have any length. */
export function chooseWidth(stream: { isTTY?: boolean; columns?: number }, { COLUMNS }: Environment): number {
  if (!stream.isTTY) return Number.POSITIVE_INFINITY;
  const said = /^\d{1,4}$/.test(COLUMNS ?? '') ? Number(COLUMNS) : 0;
  return Math.max(MIN_WIDTH, stream.columns || said || DEFAULT_WIDTH);
}
