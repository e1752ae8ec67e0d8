import { GlobError } from './glob-error.js';
import { parseClass } from './parse-class.js';
import type { GlobNode } from './pattern-types.js';

/** Values that one range such as `{1..9}` may have. */
const MAX_RANGE_VALUES = 200;

/** Values that all ranges of a pattern may have together: more would need more states than a pattern may have. */
const MAX_VALUES_TOGETHER = 1_000;

/** Number of '[' that begin no class: for each, the text is read as far as the end of its segment. */
const MAX_STRAY_BRACKETS = 64;

const NUMBERS = /^(-?\d{1,9})\.\.(-?\d{1,9})(?:\.\.-?(\d{1,9}))?$/;
const LETTERS = /^(?:([a-z])\.\.([a-z])|([A-Z])\.\.([A-Z]))$/;

/** A part of the text before it is known which braces belong together. */
type Token = Exclude<GlobNode, { kind: 'choice' }> | { kind: 'brace'; char: '{' | '}' | ','; at: number };

interface Brace {
  close: number;
  commas: number[];
  /** The values of a range. */
  values: string[] | null;
  text: string;
}

/**
 * Parses a glob: `*`, `**`, `?`, `[…]`, `{a,b}`, `{1..9}` and `\` before a character that is meant literally. What is
 * not closed is literal, and so are braces without a comma or range (`{a}`), as in bash and picomatch.
 * @throws GlobError for extended globs (`@(…)`) and a leading `!`, which mean something else to their authors
 */
export function parseGlob(text: string): GlobNode[] {
  const chars = Array.from(text);
  const tokens = tokenize(chars);
  return buildNodes(tokens, 0, tokens.length, matchBraces(chars, tokens));
}

function tokenize(chars: readonly string[]): Token[] {
  if (chars[0] === '!') {
    throw new GlobError(
      "begins with '!', and a pattern can't be negated",
      "List what you do want to lock; a '!' that is part of the name is written '\\!'.",
    );
  }
  const lastClosing = chars.lastIndexOf(')');
  const tokens: Token[] = [];
  let strayBrackets = 0;
  for (let index = 0; index < chars.length; ) {
    const char = chars[index] ?? '';
    if ('@!+*?'.includes(char) && chars[index + 1] === '(' && index < lastClosing) {
      throw new GlobError(
        `holds an extended glob, '${char}(…)', which is not supported`,
        `Write alternatives as '{a,b}' or as several patterns; a parenthesis that is part of the name as '[(]'.`,
      );
    }
    index = readToken(chars, index, char, tokens);
    if (char === '[' && tokens.at(-1)?.kind === 'literal') strayBrackets += 1;
    if (strayBrackets > MAX_STRAY_BRACKETS) {
      throw new GlobError(`holds more than ${MAX_STRAY_BRACKETS} unclosed brackets`, "Use '*' in their place.");
    }
  }
  return tokens;
}

/** Appends the token at `index` and returns where the next one begins. */
function readToken(chars: readonly string[], index: number, char: string, tokens: Token[]): number {
  switch (char) {
    case '/':
      tokens.push({ kind: 'slash', at: index });
      return index + 1;
    case '?':
      tokens.push({ kind: 'any' });
      return index + 1;
    case '*': {
      let end = index + 1;
      while (chars[end] === '*') end += 1;
      tokens.push({ kind: end - index === 2 ? 'globstar' : 'star' });
      return end;
    }
    case '{':
    case '}':
    case ',':
      tokens.push({ kind: 'brace', char, at: index });
      return index + 1;
    case '[': {
      const found = parseClass(chars, index);
      tokens.push(found?.node ?? literal(char));
      return found?.end ?? index + 1;
    }
    case '\\': {
      const escaped = chars[index + 1];
      if (escaped === '/') return readToken(chars, index + 1, escaped, tokens);
      tokens.push(literal(escaped ?? char));
      return index + (escaped === undefined ? 1 : 2);
    }
    default:
      tokens.push(literal(char));
      return index + 1;
  }
}

function literal(char: string): { kind: 'literal'; point: number } {
  return { kind: 'literal', point: char.codePointAt(0) ?? 0 };
}

/** Which '{' are choices, by the index of their token. */
function matchBraces(chars: readonly string[], tokens: readonly Token[]): Map<number, Brace> {
  const braces = new Map<number, Brace>();
  const open: { index: number; at: number; commas: number[] }[] = [];
  let together = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'brace') continue;
    if (token.char === '{') open.push({ index, at: token.at, commas: [] });
    else if (token.char === ',') open.at(-1)?.commas.push(index);
    else {
      const opened = open.pop();
      if (!opened) continue;
      const body = chars.slice(opened.at + 1, token.at).join('');
      const values = opened.commas.length === 0 ? listRange(body) : null;
      together += values?.length ?? 0;
      if (together > MAX_VALUES_TOGETHER) {
        throw new GlobError(
          `holds ranges of more than ${MAX_VALUES_TOGETHER} values together`,
          "Use '*' for the numbers, or smaller ranges.",
        );
      }
      if (values || opened.commas.length > 0) {
        braces.set(opened.index, { close: index, commas: opened.commas, values, text: `{${body}}` });
      }
    }
  }
  return braces;
}

function buildNodes(tokens: readonly Token[], from: number, to: number, braces: Map<number, Brace>): GlobNode[] {
  const nodes: GlobNode[] = [];
  for (let index = from; index < to; index += 1) {
    const token = tokens[index];
    if (!token) break;
    if (token.kind !== 'brace') {
      nodes.push(token);
      continue;
    }
    const brace = braces.get(index);
    if (!brace) {
      nodes.push(literal(token.char));
      continue;
    }
    nodes.push(buildChoice(tokens, index, brace, braces));
    index = brace.close;
  }
  return nodes;
}

function buildChoice(tokens: readonly Token[], start: number, brace: Brace, braces: Map<number, Brace>): GlobNode {
  if (brace.values) {
    const branches = brace.values.map((value) => Array.from(value, literal));
    return { kind: 'choice', branches, range: brace.text };
  }
  const branches: GlobNode[][] = [];
  let from = start + 1;
  for (const end of [...brace.commas, brace.close]) {
    branches.push(buildNodes(tokens, from, end, braces));
    from = end + 1;
  }
  return { kind: 'choice', branches };
}

/** `1..9`, `01..10`, `1..9..2`, `a..e`: the values as bash lists them; null when the body is no range. */
function listRange(body: string): string[] | null {
  const letters = LETTERS.exec(body)?.filter((part) => part !== undefined);
  if (letters) {
    const [, from = 'a', to = 'a'] = letters;
    return count(from.charCodeAt(0), to.charCodeAt(0), 1, (value) => String.fromCharCode(value));
  }
  const numbers = NUMBERS.exec(body);
  if (!numbers) return null;
  const [, from = '0', to = '0', step = '1'] = numbers;
  const padded = [from, to].some((value) => /^-?0\d/.test(value));
  const width = padded ? Math.max(from.length, to.length) : 0;
  return count(Number(from), Number(to), Number(step) || 1, (value) => {
    const digits = String(Math.abs(value));
    return value < 0 ? `-${digits.padStart(width - 1, '0')}` : digits.padStart(width, '0');
  });
}

function count(from: number, to: number, step: number, write: (value: number) => string): string[] {
  const size = Math.floor(Math.abs(to - from) / step) + 1;
  if (size > MAX_RANGE_VALUES) {
    throw new GlobError(
      `holds a range of ${size} values; at most ${MAX_RANGE_VALUES} are allowed`,
      "Use '*' for the number, or a smaller range.",
    );
  }
  const sign = to < from ? -step : step;
  return Array.from({ length: size }, (_, index) => write(from + index * sign));
}
