import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { MAX_STRING_BYTES } from './cut-strings.js';

/** What a long line says of itself without being parsed. */
export interface JsonScan {
  /** Separators and opening brackets outside of strings: about the number of values. */
  values: number;
  /** Those of the outer three levels alone, where a request has a handful. */
  outerValues: number;
  /** Where the value of each of these keys is, of the outermost object; the last one counts, as in JSON.parse. */
  fields: Map<string, { from: number; to: number }>;
  /** Contents of strings below the outer levels that are longer than any text that a tool takes. */
  longStrings: { from: number; to: number }[];
  /** It ends where its outermost value ends. */
  isClosed: boolean;
}

const OUTER_LEVELS = 3;
/** Bytes that are read in one go: in less than a millisecond. */
const STRETCH_BYTES = 128 * 1024;
const FIELDS = new Set(['id', 'method', 'result', 'error']);
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];

/** Reads over a line of JSON, in stretches between which others get their turn; it need not be valid. */
export async function scanJson(line: Buffer): Promise<JsonScan> {
  const scan: JsonScan = { values: 0, outerValues: 0, fields: new Map(), longStrings: [], isClosed: false };
  let depth = 0;
  let inString = false;
  /** The last string. */
  let stringFrom = 0;
  let stringTo = 0;
  let field: { name: string; from: number } | null = null;
  let isOver = false;

  const endField = (to: number): void => {
    if (field) scan.fields.set(field.name, { from: field.from, to });
    field = null;
  };
  for (let from = 0; from < line.length; from += STRETCH_BYTES) {
    await yieldToEventLoop();
    const to = Math.min(from + STRETCH_BYTES, line.length);
    for (let at = from; at < to; at += 1) {
      const byte = line[at] ?? 0;
      if (inString) {
        if (byte === QUOTE && !isEscaped(line, at)) {
          inString = false;
          stringTo = at;
          if (depth >= OUTER_LEVELS && at - stringFrom > MAX_STRING_BYTES) {
            scan.longStrings.push({ from: stringFrom, to: at });
          }
        }
        continue;
      }
      if (byte <= 0x20) continue;
      // Something behind the end.
      if (isOver) return { ...scan, isClosed: false };
      if (byte === QUOTE) {
        inString = true;
        stringFrom = at + 1;
      } else if (byte === COMMA || byte === COLON) {
        scan.values += 1;
        if (depth <= OUTER_LEVELS) scan.outerValues += 1;
        if (depth !== 1) continue;
        if (byte === COMMA) endField(at);
        else {
          const name = line.toString('latin1', stringFrom, Math.min(stringTo, stringFrom + 10));
          if (FIELDS.has(name)) field = { name, from: at + 1 };
        }
      } else if (byte === 0x5b || byte === 0x7b) {
        scan.values += 1;
        if (depth < OUTER_LEVELS) scan.outerValues += 1;
        depth += 1;
      } else if (byte === 0x5d || byte === 0x7d) {
        if (depth === 1) endField(at);
        depth -= 1;
        isOver = depth <= 0;
      }
    }
  }
  return { ...scan, isClosed: isOver && depth === 0 && !inString };
}

function isEscaped(line: Buffer, quote: number): boolean {
  let first = quote;
  while (line[first - 1] === BACKSLASH) first -= 1;
  return (quote - first) % 2 === 1;
}
