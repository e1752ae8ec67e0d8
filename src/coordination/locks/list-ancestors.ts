import { GlobError, type GlobFault } from '../../globs/glob-error.js';
import type { PlacedPattern } from './lock-types.js';

type Searched = Pick<PlacedPattern, 'board' | 'literalPrefix' | 'isGlob'>;

/** What the index of live locks is searched by: a literal prefix with its board. */
export function lookupKey({ board, literalPrefix }: Pick<PlacedPattern, 'board' | 'literalPrefix'>): string {
  return `${board}/${literalPrefix}`;
}

/**
 * Lookup keys at which something could overlap with these patterns.
 * ancestorKeys: the literals themselves and every folder above any pattern, from where a glob may reach down.
 * prefixes: the globs' own, below which anything may lie.
 */
export function listAncestors(patterns: readonly Searched[]): { ancestorKeys: string[]; prefixes: string[] } {
  const ancestorKeys = new Set<string>();
  const prefixes = new Set<string>();
  for (const pattern of patterns) {
    const key = lookupKey(pattern);
    // The first '/' ends the board's id.
    for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
      ancestorKeys.add(key.slice(0, slash + 1));
    }
    // `a/**`, whose literal prefix is `a/`, matches `a` itself, whose literal prefix is `a`.
    ancestorKeys.add(key.endsWith('/') ? key.slice(0, -1) : `${key}/`);
    if (pattern.isGlob) prefixes.add(key);
    else ancestorKeys.add(key);
  }
  return { ancestorKeys: [...ancestorKeys], prefixes: withoutNested([...prefixes]) };
}

/** What lies below a prefix within another one would be read twice. */
function withoutNested(prefixes: string[]): string[] {
  return prefixes.filter((prefix) => !prefixes.some((other) => other !== prefix && prefix.startsWith(other)));
}

/** PostgreSQL's B-tree refuses entries of more than 2,704 bytes, and the project's id is part of the entry. */
const MAX_BYTES = 2_600;

/** @throws GlobError when a path and its worktree's are too long together to be kept apart from others */
export function checkPathLength(worktree: string, path: string): void {
  const fault = findLengthFault(worktree, path);
  if (fault) throw new GlobError(fault.problem, fault.fix);
}

/** The same as a value; null for what is short enough. */
export function findLengthFault(worktree: string, path: string): GlobFault | null {
  if (Buffer.byteLength(worktree) + Buffer.byteLength(path) <= MAX_BYTES) return null;
  return {
    problem: `has more than ${MAX_BYTES} bytes together with the path of its worktree`,
    fix: 'Give the folder that holds the files.',
  };
}
