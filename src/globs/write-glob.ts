import type { GlobNode } from './pattern-types.js';

const SPECIAL = /[\\*?[\]{},(!]/g;

/** The text of a parsed glob: parsing it again gives the same nodes. */
export function writeGlob(nodes: readonly GlobNode[]): string {
  return nodes.map(writeNode).join('');
}

function writeNode(node: GlobNode): string {
  switch (node.kind) {
    case 'literal':
      return String.fromCodePoint(node.point).replace(SPECIAL, '\\$&');
    case 'slash':
      return '/';
    case 'any':
      return '?';
    case 'star':
      return '*';
    case 'globstar':
      return '**';
    case 'class':
      return node.text;
    case 'choice':
      return node.range ?? `{${node.branches.map(writeGlob).join(',')}}`;
  }
}
