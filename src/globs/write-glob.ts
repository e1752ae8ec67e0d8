import { pairsOf } from './code-points.js';
import { foldCase, foldRanges } from './fold-case.js';
import { parseClass } from './parse-class.js';
import type { CharacterClass, GlobNode } from './pattern-types.js';

const SPECIAL = /[\\*?[\]{},(!]/g;

/** A literal text as a glob that matches it alone. */
export function escapeGlob(text: string): string {
  return text.replace(SPECIAL, '\\$&');
}

/** The text of a parsed glob, folded if asked: parsing it again gives the same nodes. */
export function writeGlob(nodes: readonly GlobNode[], foldsCase: boolean): string {
  let text = '';
  let literal = '';
  // Literals are folded in runs: a fold may change how a letter and its accent are composed.
  const flush = () => {
    text += escapeGlob(foldsCase ? foldCase(literal) : literal);
    literal = '';
  };
  for (const node of nodes) {
    if (node.kind === 'literal') {
      literal += String.fromCodePoint(node.point);
      continue;
    }
    flush();
    text += writeNode(node, foldsCase);
  }
  flush();
  return text;
}

function writeNode(node: Exclude<GlobNode, { kind: 'literal' }>, foldsCase: boolean): string {
  switch (node.kind) {
    case 'slash':
      return '/';
    case 'any':
      return '?';
    case 'star':
      return '*';
    case 'globstar':
      return '**';
    case 'class':
      return foldsCase ? writeFoldedClass(node) : node.text;
    case 'choice': {
      if (node.range) return foldsCase ? node.range.toLowerCase() : node.range;
      return `{${node.branches.map((branch) => writeGlob(branch, foldsCase)).join(',')}}`;
    }
  }
}

/** The text as written where folding it says the same, so that `[userId]` goes on matching its own text. */
function writeFoldedClass({ text, negated, ranges }: CharacterClass): string {
  const folded = foldRanges(ranges);
  const asWritten = foldCase(text);
  const parsed = parseClass(Array.from(asWritten), 0);
  if (parsed?.node.text === asWritten && parsed.node.negated === negated && sameNumbers(parsed.node.ranges, folded)) {
    return asWritten;
  }
  const members = Array.from(pairsOf(folded), ([first, last]) => {
    return first === last ? writePoint(first) : `${writePoint(first)}-${writePoint(last)}`;
  });
  return `[${negated ? '!' : ''}${members.join('')}]`;
}

function writePoint(point: number): string {
  return `\\${String.fromCodePoint(point)}`;
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
