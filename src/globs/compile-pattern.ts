import { type Automaton, buildAutomaton } from './automaton.js';
import { parseGlob } from './parse-glob.js';
import type { ComparablePattern, GlobNode } from './pattern-types.js';
import { refusePattern } from './refuse-pattern.js';

/** States that a glob may have after its base; two of the largest are compared in a few milliseconds. */
const MAX_STATES = 384;
/** Longer bases would need more states when they are part of the automaton (`patternCovers`): a path's length. */
const MAX_BASE_STATES = 4096;
const MAX_KEPT = 512;

/** A glob ready to compare: its leading literal folders, as in Pattern.base, and the automaton of what follows. */
export interface CompiledGlob {
  base: string;
  rest: Automaton;
}

/** Least recently used first. Keys are pure text, so what is kept never goes stale. */
const kept = new Map<string, CompiledGlob>();

/**
 * Compiles a glob's key.
 * @param shownAs The pattern that an error names.
 * @throws AppError when it is no glob that we support, or too large.
 */
export function compileGlob(key: string, shownAs = key): CompiledGlob {
  const found = kept.get(key);
  if (found) {
    kept.delete(key);
    kept.set(key, found);
    return found;
  }
  const nodes = parseGlob(key);
  const { base, count } = readBase(nodes);
  const rest = buildAutomaton(nodes.slice(count), MAX_STATES);
  if (!rest) {
    throw refusePattern(
      shownAs,
      `is too complex: it needs more than ${MAX_STATES} states`,
      'Give several patterns instead of one with many alternatives, or a wider one such as a whole folder.',
    );
  }
  const compiled = { base, rest };
  kept.set(key, compiled);
  const oldest = kept.keys().next().value;
  if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  return compiled;
}

/** Leading segments that are literal throughout, with how many nodes they are. */
function readBase(nodes: readonly GlobNode[]): { base: string; count: number } {
  let base = '';
  let count = 0;
  let segment = '';
  for (const [index, node] of nodes.entries()) {
    if (node.kind === 'literal') segment += String.fromCodePoint(node.point);
    else if (node.kind === 'slash') {
      base += `${segment}/`;
      segment = '';
      count = index + 1;
    } else break;
  }
  return { base, count };
}

/** The automaton of a pattern whose paths all begin with `prefix`, for what follows it. Not kept. */
export function compileAfter(pattern: ComparablePattern, prefix: string): Automaton {
  const nodes = pattern.isGlob ? parseGlob(pattern.key) : literalNodes(pattern.key);
  const automaton = buildAutomaton(nodes.slice(Array.from(prefix).length), MAX_STATES + MAX_BASE_STATES);
  if (!automaton) throw refusePattern(pattern.key, 'is too long', 'Shorten it.');
  return automaton;
}

function literalNodes(key: string): GlobNode[] {
  return Array.from(key, (char, at): GlobNode => {
    return char === '/' ? { kind: 'slash', at } : { kind: 'literal', point: char.codePointAt(0) ?? 0 };
  });
}
