/** Classes of characters: letters without their case, digits, signs, and the others by a hash. 0 is the text's end. */
export const CLASSES = 64;
/** Characters at a match's beginning that are read. */
export const FIRST = 3;

const LETTERS = 1;
const DIGITS = 27;
const REST = 37;

export function classOf(code: number): number {
  if (code >= 97 && code <= 122) return code - 97 + LETTERS;
  if (code >= 65 && code <= 90) return code - 65 + LETTERS;
  if (code >= 48 && code <= 57) return code - 48 + DIGITS;
  return REST + ((code * 7 + (code >> 5)) % (CLASSES - REST));
}

/** Classes that a position may have; null for any. */
type Position = ReadonlySet<number> | null;
type Beginning = readonly Position[];

const of = (characters: string): Position =>
  new Set(
    [...characters, ...characters.toUpperCase(), ...characters.toLowerCase()].map((c) => classOf(c.charCodeAt(0))),
  );

const WORD = of('abcdefghijklmnopqrstuvwxyz0123456789_');
const NUMBER = of('0123456789');
const BLANK = of(' \t\n\r\v\f\u00a0\u2028\u2029\ufeff\u2000\u3000');

/**
 * What the first three characters of a match may be, by the source of a regular expression: literals, classes, groups,
 * alternatives and repetitions are followed; assertions end what is known or are passed over.
 */
export function listBeginnings(source: string): Beginning[] {
  const parser = { source, at: 0 };
  return readAlternatives(parser).map((beginning) => pad(beginning));
}

interface Parser {
  source: string;
  at: number;
}

const pad = (beginning: Beginning): Beginning => Array.from({ length: FIRST }, (_, i) => beginning[i] ?? null);

function readAlternatives(parser: Parser): Beginning[] {
  const all: Beginning[] = [];
  for (;;) {
    all.push(...readSequence(parser));
    if (parser.source[parser.at] !== '|') return all;
    parser.at += 1;
  }
}

function readSequence(parser: Parser): Beginning[] {
  let beginnings: Beginning[] = [[]];
  while (parser.at < parser.source.length && !'|)'.includes(parser.source[parser.at] ?? '')) {
    const atom = readAtom(parser);
    const [least, most] = readCount(parser);
    beginnings = append(beginnings, repeat(atom, least, most));
  }
  return beginnings;
}

/** What may follow; what is three characters long already stays. */
function append(before: Beginning[], after: Beginning[]): Beginning[] {
  return before.flatMap((beginning) =>
    beginning.length >= FIRST ? [beginning] : after.map((more) => [...beginning, ...more].slice(0, FIRST)),
  );
}

function repeat(atom: Beginning[], least: number, most: number): Beginning[] {
  let current: Beginning[] = [[]];
  const all: Beginning[] = [];
  for (let count = 0; count <= Math.min(most, FIRST); count += 1) {
    if (count >= least || count === FIRST) all.push(...current);
    current = append(current, atom);
  }
  return all;
}

function readAtom(parser: Parser): Beginning[] {
  const { source, at } = parser;
  const char = source[at] ?? '';
  if (char === '(') return readGroup(parser);
  if (char === '[') return [[readSet(parser)]];
  parser.at += 1;
  if (char === '^' || char === '$') return [[]];
  if (char === '.') return [[null]];
  if (char !== '\\') return [[of(char)]];
  parser.at += 1;
  return escapeOf(source[at + 1] ?? '');
}

function escapeOf(char: string): Beginning[] {
  if (char === 'b' || char === 'B') return [[]];
  return [[setOf(char)]];
}

/** What stands for several characters after a backslash; else the character. */
function setOf(char: string): Position {
  const sets: Record<string, Position> = { w: WORD, d: NUMBER, s: BLANK, S: null, W: null, D: null, x: null, u: null };
  const controls: Record<string, string> = { n: '\n', r: '\r', t: '\t', v: '\v', f: '\f' };
  return char in sets ? (sets[char] ?? null) : of(controls[char] ?? char);
}

function readGroup(parser: Parser): Beginning[] {
  const opened = /^\((?:\?(?:<(?![=!])[^>]*>|:|<?[=!]))?/.exec(parser.source.slice(parser.at))?.[0] ?? '(';
  parser.at += opened.length;
  const inner = readAlternatives(parser);
  parser.at += 1;
  // What is looked back at stands before; what is looked ahead at is known by what follows it.
  return /[=!]$/.test(opened) ? [[]] : inner;
}

function readSet(parser: Parser): Position {
  const end = endOfSet(parser.source, parser.at);
  const body = parser.source.slice(parser.at + 1, end);
  parser.at = end + 1;
  if (body.startsWith('^')) return null;
  const classes = new Set<number>();
  for (const [, escaped, from, to, single] of body.matchAll(/\\(.)|(.)-(.)|(.)/gsu)) {
    const part = escaped ? setOf(escaped) : from && to ? rangeOf(from, to) : of(single ?? '');
    if (part === null) return null;
    for (const each of part) classes.add(each);
  }
  return classes;
}

function endOfSet(source: string, from: number): number {
  let at = from + 1;
  while (source[at] !== ']') at += source[at] === '\\' ? 2 : 1;
  return at;
}

function rangeOf(from: string, to: string): Position {
  const [first, last] = [from.charCodeAt(0), to.charCodeAt(0)];
  return of(Array.from({ length: last - first + 1 }, (_, i) => String.fromCharCode(first + i)).join(''));
}

function readCount(parser: Parser): [least: number, most: number] {
  const count = /^(?:([?*+])|\{(\d+)(,)?(\d*)\})\??/.exec(parser.source.slice(parser.at));
  if (!count) return [1, 1];
  parser.at += count[0].length;
  const [, sign, least, comma, most] = count;
  if (sign) return [sign === '+' ? 1 : 0, sign === '?' ? 1 : FIRST];
  return [Number(least), comma ? (most ? Number(most) : FIRST) : Number(least)];
}
