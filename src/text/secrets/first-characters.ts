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

const known = new Map<string, Position>();

/** The same object for the same characters, so that beginnings can be compared by it. */
function of(characters: string): Position {
  const found = known.get(characters);
  if (found) return found;
  const classes = new Set<number>();
  for (const char of characters.toLowerCase() + characters.toUpperCase() + characters) {
    classes.add(classOf(char.charCodeAt(0)));
  }
  known.set(characters, classes);
  return classes;
}

/** Fewer beginnings are not worth the comparison. */
const MANY = 24;
/** Marks where a beginning ends in the tree of them. */
const END: Position = new Set();

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
    if (parser.source[parser.at] !== '|') return unique(all);
    parser.at += 1;
  }
}

function readSequence(parser: Parser): Beginning[] {
  let beginnings: Beginning[] = [[]];
  while (parser.at < parser.source.length && !'|)'.includes(parser.source[parser.at] ?? '')) {
    if (beginnings.every(({ length }) => length >= FIRST)) {
      skipSequence(parser);
      break;
    }
    const atom = readAtom(parser);
    beginnings = append(beginnings, repeat(atom, ...readCount(parser)));
  }
  return beginnings;
}

/** Goes to the end of the alternative: nothing in it matters any more. */
function skipSequence(parser: Parser): void {
  const { source } = parser;
  for (let depth = 0; parser.at < source.length; parser.at += 1) {
    const char = source[parser.at] ?? '';
    if (depth === 0 && (char === '|' || char === ')')) return;
    if (char === '\\') parser.at += 1;
    else if (char === '[') parser.at = endOfSet(source, parser.at);
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
  }
}

/** What may follow; what is three characters long already stays. */
function append(before: Beginning[], after: Beginning[]): Beginning[] {
  return unique(
    before.flatMap((beginning) =>
      beginning.length >= FIRST ? [beginning] : after.map((more) => [...beginning, ...more].slice(0, FIRST)),
    ),
  );
}

/** Optional parts lead to the same beginnings many times over. */
function unique(beginnings: Beginning[]): Beginning[] {
  if (beginnings.length < MANY) return beginnings;
  const tree = new Map<Position, unknown>();
  return beginnings.filter((beginning) => isNew(beginning, tree));
}

/** Notes a beginning in a tree of positions; false when it is there already. */
function isNew(beginning: Beginning, tree: Map<Position, unknown>): boolean {
  let node = tree;
  for (const position of beginning) {
    let next = node.get(position) as typeof tree | undefined;
    if (!next) {
      next = new Map();
      node.set(position, next);
    }
    node = next;
  }
  if (node.has(END)) return false;
  node.set(END, true);
  return true;
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
  // What is looked back at stands before; what is looked ahead at is known by what follows it.
  const isAssertion = /[=!]$/.test(opened);
  const inner = isAssertion ? skipAlternatives(parser) : readAlternatives(parser);
  parser.at += 1;
  return inner;
}

function skipAlternatives(parser: Parser): Beginning[] {
  skipSequence(parser);
  while (parser.source[parser.at] === '|') {
    parser.at += 1;
    skipSequence(parser);
  }
  return [[]];
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
