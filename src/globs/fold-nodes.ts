import { pairsOf } from './code-points.js';
import { foldCase, foldRanges } from './fold-case.js';
import { literalNodes } from './literal-nodes.js';
import { parseClass } from './parse-class.js';
import type { CharacterClass, GlobNode } from './pattern-types.js';

/** The nodes of a glob for a file system without case: they match the folded form of each path. */
export function foldNodes(nodes: readonly GlobNode[]): GlobNode[] {
  const folded: GlobNode[] = [];
  let run = '';
  // A run of literals is folded as one text: folding may change how a letter and its accent are composed.
  const flush = () => {
    folded.push(...literalNodes(foldCase(run)));
    run = '';
  };
  for (const node of nodes) {
    if (node.kind === 'literal') {
      run += String.fromCodePoint(node.point);
      continue;
    }
    flush();
    folded.push(foldNode(node));
  }
  flush();
  return folded;
}

function foldNode(node: Exclude<GlobNode, { kind: 'literal' }>): GlobNode {
  if (node.kind === 'class') return foldClass(node);
  if (node.kind !== 'choice') return node;
  const branches = node.branches.map(foldNodes);
  return node.range === undefined
    ? { kind: 'choice', branches }
    : { kind: 'choice', branches, range: node.range.toLowerCase() };
}

/** Keeps the text as written where the folded text says the same, so that `[userId]` still matches its own text. */
function foldClass({ text, negated, ranges }: CharacterClass): CharacterClass {
  const folded = foldRanges(ranges);
  const asWritten = foldCase(text);
  const parsed = parseClass(Array.from(asWritten), 0);
  if (parsed?.node.text === asWritten && parsed.node.negated === negated && sameNumbers(parsed.node.ranges, folded)) {
    return parsed.node;
  }
  const members = Array.from(pairsOf(folded), ([first, last]) => {
    return first === last ? writePoint(first) : `${writePoint(first)}-${writePoint(last)}`;
  });
  return { kind: 'class', negated, ranges: folded, text: `[${negated ? '!' : ''}${members.join('')}]` };
}

function writePoint(point: number): string {
  return `\\${String.fromCodePoint(point)}`;
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
