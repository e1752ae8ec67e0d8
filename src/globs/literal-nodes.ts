import type { GlobNode } from './pattern-types.js';

/** A literal path as nodes: no character in it is special. */
export function literalNodes(path: string): GlobNode[] {
  return Array.from(path, (char, at): GlobNode => {
    return char === '/' ? { kind: 'slash', at } : { kind: 'literal', point: char.codePointAt(0) ?? 0 };
  });
}
