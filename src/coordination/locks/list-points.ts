import type { Pattern } from '../../globs/pattern-types.js';

/**
 * Where in the index of bases (see the table locks) something could overlap with these patterns.
 * points: the literals themselves and every folder above any pattern, where a glob may reach down from.
 * ranges: the globs' own bases, below which anything may lie.
 */
export function listPoints(patterns: readonly Pattern[]): { points: string[]; ranges: string[] } {
  const points = new Set<string>(['']);
  const ranges = new Set<string>();
  for (const { literalPrefix: base, isGlob } of patterns) {
    for (let slash = base.indexOf('/'); slash >= 0; slash = base.indexOf('/', slash + 1)) {
      points.add(base.slice(0, slash + 1));
    }
    // `a/**`, whose base is `a/`, matches `a` itself, whose base is `a`.
    points.add(base.endsWith('/') ? base.slice(0, -1) : `${base}/`);
    if (isGlob) ranges.add(base);
    else points.add(base);
  }
  return { points: [...points], ranges: withoutNested([...ranges]) };
}

/** A range within another one would only be looked at twice. */
function withoutNested(ranges: string[]): string[] {
  return ranges.filter((range) => !ranges.some((other) => other !== range && range.startsWith(other)));
}
