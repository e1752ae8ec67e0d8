import { mergeRanges, pairsOf, type Ranges } from './code-points.js';

const ASCII = /^\p{ASCII}*$/u;
/** Ranges of a class are folded point by point up to this many points. */
const MAX_POINTS = 4096;

/**
 * One form for names that a file system without case holds to be the same. Character by character, so that the parts
 * of a pattern fold as the whole path does; through upper case, so that ſ and s, ß and ss, ς and σ are one.
 */
export function foldCase(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  let folded = '';
  for (const char of text) folded += char.toLowerCase().toUpperCase().toLowerCase();
  return folded.normalize('NFC');
}

/** The members of a class in folded form. A range of thousands holds both cases already, but for ASCII's. */
export function foldRanges(ranges: Ranges): number[] {
  const folded: [number, number][] = [];
  for (const [first, last] of pairsOf(ranges)) {
    if (last - first >= MAX_POINTS) folded.push([first, last]);
    const end = Math.min(last, last - first >= MAX_POINTS ? 127 : last);
    for (let point = first; point <= end; point += 1) {
      const other = foldPoint(point);
      folded.push([other, other]);
    }
  }
  return mergeRanges(folded);
}

function foldPoint(point: number): number {
  const char = String.fromCodePoint(point);
  const folded = foldCase(char);
  const first = folded.codePointAt(0) ?? point;
  return String.fromCodePoint(first) === folded ? first : point;
}
