import { CLASSES, classOf, FIRST, listBeginnings } from './first-characters.js';

const BITS = Math.log2(CLASSES);
const MASK = CLASSES ** FIRST - 1;
const ASCII = 128;
/** Longest time of one scan, in ms: it can't be interrupted. 256 KB of text take 4. */
const MAX_SCAN_MS = 8;
const TRIES_PER_CHECK = 64;

/** Says which of some expressions match in a text, each by its bit. @param wanted bits of those that are asked about */
export type QuickScan = (text: string, wanted?: number) => number;

/**
 * Looks for several large expressions at once, in about the time that it takes to read the text: a table says for each
 * three characters which of the expressions may begin there, and only there they are tried.
 * @param sources at most eight; a match is one wherever its first characters are, whatever their case
 */
export function createQuickScan(expressions: readonly { source: string; flags: string }[]): QuickScan {
  const table = new Uint8Array(CLASSES ** FIRST);
  const sticky = expressions.map(({ source, flags }) => new RegExp(source, `${flags}y`));
  for (const [index, { source }] of expressions.entries()) fill(table, source, 1 << index);
  const classes = Uint8Array.from({ length: ASCII }, (_, code) => classOf(code));
  const all = 2 ** expressions.length - 1;

  function tryAt(text: string, at: number, bits: number): number {
    let found = 0;
    for (const [index, expression] of sticky.entries()) {
      if ((bits & (1 << index)) === 0) continue;
      expression.lastIndex = at;
      if (expression.test(text)) found |= 1 << index;
    }
    return found;
  }

  return (text, wanted = all) => {
    let open = wanted;
    let tries = 0;
    const started = performance.now();
    let key = 0;
    const end = text.length + FIRST - 1;
    for (let at = 0; at < end && open !== 0; at += 1) {
      const code = at < text.length ? text.charCodeAt(at) : -1;
      const next = code === -1 ? 0 : code < ASCII ? (classes[code] ?? 0) : classOf(code);
      key = ((key << BITS) | next) & MASK;
      const bits = (table[key] ?? 0) & open;
      if (bits === 0 || at < FIRST - 1) continue;
      open &= ~tryAt(text, at - FIRST + 1, bits);
      tries += 1;
      // A text made to be tried everywhere is not worth the scan: it is searched as if all matched.
      if (tries % TRIES_PER_CHECK === 0 && performance.now() - started > MAX_SCAN_MS) return wanted;
    }
    return wanted & ~open;
  };
}

function fill(table: Uint8Array, source: string, bit: number): void {
  const any = Array.from({ length: CLASSES }, (_, each) => each);
  for (const beginning of listBeginnings(source)) {
    const [first = any, second = any, third = any] = beginning.map((position) => [...(position ?? any)]);
    for (const a of first) {
      for (const b of second) {
        for (const c of third) {
          const key = (a << (2 * BITS)) | (b << BITS) | c;
          table[key] = (table[key] ?? 0) | bit;
        }
      }
    }
  }
}
