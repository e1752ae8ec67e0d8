import { GlobError } from './glob-error.js';
import type { GlobNode } from './pattern-types.js';

/** What a segment may hold so far, as bits. */
const NOTHING = 1;
const DOT = 2;
const DOTS = 4;
const NAME = 8;

/**
 * Refuses braces that spell an empty, '.' or '..' segment (`a/{,b}/c`, `{../x,y}`): no path has one, so the pattern
 * would silently match less than its author thinks. Segments outside braces are resolved before this check.
 * @throws GlobError
 */
export function checkSegments(nodes: readonly GlobNode[]): void {
  endSegment(follow(nodes, NOTHING));
}

/** From what the segment may hold before the nodes to what it may hold after them. */
function follow(nodes: readonly GlobNode[], before: number): number {
  let held = before;
  for (const node of nodes) {
    if (node.kind === 'slash') {
      endSegment(held);
      held = NOTHING;
    } else if (node.kind === 'choice') {
      held = node.branches.reduce((after, branch) => after | follow(branch, held), 0);
    } else if (node.kind === 'literal' && node.point === 0x2e) {
      const next = (held & NOTHING ? DOT : 0) | (held & DOT ? DOTS : 0);
      held = next | (held & (DOTS | NAME) ? NAME : 0);
    } else {
      held = NAME;
    }
  }
  return held;
}

function endSegment(held: number): void {
  if (held & NOTHING) {
    throw new GlobError(
      'has braces that leave a folder or file name empty',
      "Put the '/' where it belongs to the name: 'src/{,test/}a.ts' for 'src/{,test}/a.ts', '{src,test}/**' for '{src/,test/}'.",
    );
  }
  if (held & (DOT | DOTS)) {
    throw new GlobError(
      "has braces that spell '.' or '..' as a folder",
      'Write each alternative relative to the project without them, or give several patterns.',
    );
  }
}
