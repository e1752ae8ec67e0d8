import { LRUCache } from 'lru-cache';
import { type Automaton, buildAutomaton } from './automaton.js';
import { GlobError } from './glob-error.js';
import { literalNodes } from './literal-nodes.js';
import { parseGlob } from './parse-glob.js';
import type { ComparablePattern, GlobNode } from './pattern-types.js';

/** States that a glob may have after its literal prefix; two of the largest are compared in a few milliseconds. */
const MAX_STATES = 384;
/** A literal prefix that is part of the automaton (`patternCovers`) needs more states: as many as a path has characters. */
const MAX_PREFIX_STATES = 4096;
const MAX_CACHED = 512;

/** A glob ready to compare: its literal prefix, as in Pattern, and the automaton of what follows. */
export interface CompiledGlob {
  literalPrefix: string;
  rest: Automaton;
}

/** By key. A key alone says what it matches, so an entry never goes stale. */
const compiled = new LRUCache<string, CompiledGlob>({ max: MAX_CACHED });

/**
 * Compiles a glob's key, or takes it from the cache.
 * @throws GlobError when it is no glob that is supported, or too large
 */
export function compileGlob(key: string): CompiledGlob {
  return compiled.get(key) ?? compileNodes(key, parseGlob(key));
}

/**
 * Compiles a glob that is parsed already, and keeps it under its key.
 * @param nodes what `parseGlob` gives for the key
 * @throws GlobError when it is too large
 */
export function compileNodes(key: string, nodes: readonly GlobNode[]): CompiledGlob {
  const { literalPrefix, count } = readLiteralPrefix(nodes);
  const rest = buildAutomaton(nodes.slice(count), MAX_STATES);
  if (!rest) {
    throw new GlobError(
      `is too complex: it needs more than ${MAX_STATES} states`,
      'Give several patterns instead of one with many alternatives, or a wider one such as a whole folder.',
    );
  }
  const glob = { literalPrefix, rest };
  compiled.set(key, glob);
  return glob;
}

/** Leading segments that are literal throughout, with the number of their nodes. */
function readLiteralPrefix(nodes: readonly GlobNode[]): { literalPrefix: string; count: number } {
  let literalPrefix = '';
  let count = 0;
  let segment = '';
  for (const [index, node] of nodes.entries()) {
    if (node.kind === 'literal') segment += String.fromCodePoint(node.point);
    else if (node.kind === 'slash') {
      literalPrefix += `${segment}/`;
      segment = '';
      count = index + 1;
    } else break;
  }
  return { literalPrefix, count };
}

/**
 * The automaton of a pattern whose paths all begin with `prefix`, for what follows the prefix. Not cached.
 * @throws GlobError when it is too large
 */
export function compileAfter(pattern: ComparablePattern, prefix: string): Automaton {
  const nodes = pattern.isGlob ? parseGlob(pattern.key) : literalNodes(pattern.key);
  const automaton = buildAutomaton(nodes.slice(Array.from(prefix).length), MAX_STATES + MAX_PREFIX_STATES);
  if (!automaton) throw new GlobError('is too long', 'Shorten it.');
  return automaton;
}
