import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { foldCase } from './fold-case.js';
import { GlobError } from './glob-error.js';
import type { GlobNode } from './pattern-types.js';

/** One segment of a pattern. */
export interface Segment {
  /** As written. */
  text: string;
  /** As parsed; empty where the segment was taken as a name without parsing. */
  nodes: readonly GlobNode[];
  /** The name that it stands for; null when something in it is special. */
  literal: string | null;
}

/** A segment that is a name, whatever characters it has. */
export function literalSegment(name: string): Segment {
  return { text: name, nodes: [], literal: name };
}

/** Cuts parsed nodes at each '/' that is not inside braces. */
export function splitSegments(text: string, nodes: readonly GlobNode[]): Segment[] {
  const chars = Array.from(text);
  const segments: Segment[] = [];
  let part: GlobNode[] = [];
  let from = 0;
  for (const node of [...nodes, { kind: 'slash', at: chars.length } as const]) {
    if (node.kind !== 'slash') {
      part.push(node);
      continue;
    }
    segments.push({ text: chars.slice(from, node.at).join(''), nodes: part, literal: readLiteral(part) });
    part = [];
    from = node.at + 1;
  }
  return segments;
}

function readLiteral(nodes: readonly GlobNode[]): string | null {
  let name = '';
  for (const node of nodes) {
    if (node.kind !== 'literal') return null;
    name += String.fromCodePoint(node.point);
  }
  return name;
}

/**
 * The segments relative to the worktree, without '', '.' and '..'.
 * @throws GlobError when they lead out of it
 */
export function resolveSegments(
  segments: readonly Segment[],
  options: { worktree: string; foldsCase: boolean; isAbsolute: boolean },
): Segment[] {
  const { worktree, foldsCase, isAbsolute } = options;
  const top = splitPath(worktree);
  const path = isAbsolute ? [] : top.map(literalSegment);
  for (const segment of segments) {
    if (segment.literal === '' || segment.literal === '.') continue;
    if (segment.literal !== '..') path.push(segment);
    else if (path.pop()?.literal === null) {
      throw new GlobError("has '..' after a wildcard", "Write the pattern without '..'.");
    }
  }
  const inside =
    stripFolder(path, top, foldsCase) ??
    stripFolder(path, splitPath(realPath(worktree)), foldsCase) ??
    stripFolder(resolveLinks(path), splitPath(realPath(worktree)), foldsCase);
  if (inside) return inside;
  throw new GlobError(
    `leads out of the project at ${worktree}`,
    'Give a path inside the project, relative to its top folder, such as src/app.ts.',
  );
}

/** Null when the path doesn't begin with the folder. */
function stripFolder(path: readonly Segment[], folder: readonly string[], foldsCase: boolean): Segment[] | null {
  const fold = (name: string) => (foldsCase ? foldCase(name.normalize('NFC')) : name.normalize('NFC'));
  const begins = folder.every((name, index) => {
    const segment = path[index];
    // A worktree whose own name has brackets: an absolute path spells it as it is.
    return segment && [segment.literal, segment.text].some((text) => text !== null && fold(text) === fold(name));
  });
  return begins ? path.slice(folder.length) : null;
}

/** With the longest leading part that exists replaced by its real path (macOS: /tmp is /private/tmp). */
function resolveLinks(path: readonly Segment[]): Segment[] {
  const firstGlob = path.findIndex((segment) => segment.literal === null);
  for (let count = firstGlob === -1 ? path.length : firstGlob; count > 0; count -= 1) {
    const names = path.slice(0, count).map((segment) => segment.literal ?? segment.text);
    try {
      const real = realpathSync(joinAbsolute(names));
      return [...splitPath(real).map(literalSegment), ...path.slice(count)];
    } catch {
      // Not there: its parent may be.
    }
  }
  return [...path];
}

function joinAbsolute(names: readonly string[]): string {
  return sep === '\\' ? names.join('\\') : `/${names.join('/')}`;
}

function splitPath(path: string): string[] {
  return (sep === '\\' ? path.replaceAll('\\', '/') : path).split('/').filter((name) => name !== '');
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
