import { compileAfter, compileGlob } from './compile-pattern.js';
import { isCovered } from './is-covered.js';
import type { ComparablePattern } from './pattern-types.js';
import { runAutomaton } from './run-automaton.js';
import { sharesPath } from './shares-path.js';

/**
 * Could any path match both, whether or not it exists? Exact.
 * @throws GlobError when a key is no valid glob; keys made by `normalizePattern` are valid.
 */
export function patternsOverlap(a: ComparablePattern, b: ComparablePattern): boolean {
  if (!a.isGlob) return patternMatches(b, a.key);
  if (!b.isGlob) return patternMatches(a, b.key);
  const one = compileGlob(a.key);
  const two = compileGlob(b.key);
  const [longer, shorter] = one.literalPrefix.length >= two.literalPrefix.length ? [one, two] : [two, one];
  const prefix = longer.literalPrefix;
  if (!prefix.startsWith(shorter.literalPrefix)) return false;
  const from = runAutomaton(shorter.rest, prefix.slice(shorter.literalPrefix.length));
  return from.length > 0 && sharesPath(longer.rest, shorter.rest, from, prefix === '');
}

/** Does the pattern match this path, given as the key of a literal pattern? */
export function patternMatches(pattern: ComparablePattern, path: string): boolean {
  if (!pattern.isGlob) return pattern.key === path;
  const { literalPrefix, rest } = compileGlob(pattern.key);
  const closed = `${path}/`;
  if (!closed.startsWith(literalPrefix)) return false;
  return runAutomaton(rest, closed.slice(literalPrefix.length)).includes(rest.accept);
}

/**
 * Does every path of `inner` match `outer`? Exact for patterns of ordinary size; false where the answer would take more
 * than a few milliseconds.
 */
export function patternCovers(outer: ComparablePattern, inner: ComparablePattern): boolean {
  if (outer.key === inner.key && outer.isGlob === inner.isGlob) return true;
  if (!inner.isGlob) return patternMatches(outer, inner.key);
  const { literalPrefix: prefix, rest } = compileGlob(inner.key);
  const around = outer.isGlob ? compileGlob(outer.key) : null;
  if (around && prefix.startsWith(around.literalPrefix)) {
    const from = runAutomaton(around.rest, prefix.slice(around.literalPrefix.length));
    return isCovered(around.rest, from, rest, prefix === '') ?? false;
  }
  const outerText = around?.literalPrefix ?? `${outer.key}/`;
  if (!outerText.startsWith(prefix)) return false;
  const whole = compileAfter(outer, prefix);
  return isCovered(whole, [whole.start], rest, prefix === '') ?? false;
}
