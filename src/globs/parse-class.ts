import { mergeRanges, subtractRanges } from './code-points.js';
import type { CharacterClass } from './pattern-types.js';

const SLASH = 0x2f;

/** As in the C locale: ASCII only. */
const NAMED_CLASSES: Record<string, readonly (readonly [number, number])[]> = {
  alnum: pairs('09AZaz'),
  alpha: pairs('AZaz'),
  ascii: [[1, 127]],
  blank: pairs('  \t\t'),
  cntrl: [
    [1, 31],
    [127, 127],
  ],
  digit: pairs('09'),
  graph: pairs('!~'),
  lower: pairs('az'),
  print: pairs(' ~'),
  punct: pairs('!/:@[`{~'),
  space: pairs('\t\r  '),
  upper: pairs('AZ'),
  word: pairs('09AZ__az'),
  xdigit: pairs('09AFaf'),
};

/**
 * Reads the class that begins with the '[' at `start`. Null when there is none: not closed before the next '/' or the
 * end, or with a range out of order (`[product-id]`). Such a bracket is an ordinary character.
 */
export function parseClass(chars: readonly string[], start: number): { node: CharacterClass; end: number } | null {
  let index = start + 1;
  const negated = chars[index] === '!' || chars[index] === '^';
  if (negated) index += 1;
  const members: [number, number][] = [];
  for (let first = true; ; first = false) {
    const char = chars[index];
    if (char === undefined || char === '/') return null;
    if (char === ']' && !first) break;
    const named = char === '[' ? readNamedClass(chars, index) : null;
    if (named) {
      members.push(...named.pairs);
      index = named.end;
      continue;
    }
    const low = readMember(chars, index);
    if (!low) return null;
    index = low.end;
    // A '-' is a range unless it comes last.
    if (chars[index] !== '-' || chars[index + 1] === ']') {
      members.push([low.point, low.point]);
      continue;
    }
    const high = readMember(chars, index + 1);
    if (!high || high.point < low.point) return null;
    members.push([low.point, high.point]);
    index = high.end;
  }
  const text = chars.slice(start, index + 1).join('');
  // No class matches '/', and a range over it has other ends.
  const ranges = subtractRanges(mergeRanges(members), [SLASH, SLASH]);
  return { node: { kind: 'class', negated, ranges, text }, end: index + 1 };
}

function readMember(chars: readonly string[], start: number): { point: number; end: number } | null {
  const index = chars[start] === '\\' ? start + 1 : start;
  const char = chars[index];
  if (char === undefined || char === '/') return null;
  return { point: char.codePointAt(0) ?? 0, end: index + 1 };
}

/** `[:alpha:]` inside a class. */
function readNamedClass(chars: readonly string[], start: number) {
  if (chars[start + 1] !== ':') return null;
  const name =
    chars
      .slice(start + 2, start + 8)
      .join('')
      .split(':', 1)[0] ?? '';
  const end = start + 2 + name.length;
  const found = Object.hasOwn(NAMED_CLASSES, name) ? NAMED_CLASSES[name] : undefined;
  if (!found || chars[end] !== ':' || chars[end + 1] !== ']') return null;
  return { pairs: found.map(([low, high]): [number, number] => [low, high]), end: end + 2 };
}

function pairs(text: string): [number, number][] {
  const result: [number, number][] = [];
  for (let index = 0; index < text.length; index += 2) {
    result.push([text.charCodeAt(index), text.charCodeAt(index + 1)]);
  }
  return result;
}
