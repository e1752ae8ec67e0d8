import type { Pattern } from '../../globs/pattern-types.js';

/**
 * Literal prefixes at which something could overlap with these patterns: what the index of live locks is searched by.
 * ancestorKeys: the literals themselves and every folder above any pattern, from where a glob may reach down.
 * prefixes: the globs' own, below which anything may lie.
 */
export function listAncestors(patterns: readonly Pattern[]): { ancestorKeys: string[]; prefixes: string[] } {
  const ancestorKeys = new Set<string>(['']);
  const prefixes = new Set<string>();
  for (const { literalPrefix: prefix, isGlob } of patterns) {
    for (let slash = prefix.indexOf('/'); slash >= 0; slash = prefix.indexOf('/', slash + 1)) {
      ancestorKeys.add(prefix.slice(0, slash + 1));
    }
    // `a/**`, whose literal prefix is `a/`, matches `a` itself, whose literal prefix is `a`.
    ancestorKeys.add(prefix.endsWith('/') ? prefix.slice(0, -1) : `${prefix}/`);
    if (isGlob) prefixes.add(prefix);
    else ancestorKeys.add(prefix);
  }
  return { ancestorKeys: [...ancestorKeys], prefixes: withoutNested([...prefixes]) };
}

/** What lies below a prefix within another one would be read twice. */
function withoutNested(prefixes: string[]): string[] {
  return prefixes.filter((prefix) => !prefixes.some((other) => other !== prefix && prefix.startsWith(other)));
}
