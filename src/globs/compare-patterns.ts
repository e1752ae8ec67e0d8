import { compileAfter, compileGlob } from './compile-pattern.js';
import { isCovered } from './is-covered.js';
import type { ComparablePattern } from './pattern-types.js';
import { runAutomaton } from './run-automaton.js';
import { sharesPath } from './shares-path.js';

/**
 * Could any path match both, whether or not it exists? Exact.
 * @throws AppError when a key is no valid glob; keys made by `normalizePattern` are.
 */
export function patternsOverlap(a: ComparablePattern, b: ComparablePattern): boolean {
  if (!a.isGlob) return patternMatches(b, a.key);
  if (!b.isGlob) return patternMatches(a, b.key);
  const one = compileGlob(a.key);
  const two = compileGlob(b.key);
  const [longer, shorter] = one.base.length >= two.base.length ? [one, two] : [two, one];
  if (!longer.base.startsWith(shorter.base)) return false;
  const from = runAutomaton(shorter.rest, longer.base.slice(shorter.base.length));
  return from.length > 0 && sharesPath(longer.rest, shorter.rest, from, longer.base === '');
}

/** Does the pattern match this path, given as the key of a literal pattern? */
export function patternMatches(pattern: ComparablePattern, path: string): boolean {
  if (!pattern.isGlob) return pattern.key === path;
  const { base, rest } = compileGlob(pattern.key);
  const closed = `${path}/`;
  if (!closed.startsWith(base)) return false;
  return runAutomaton(rest, closed.slice(base.length)).includes(rest.accept);
}

/**
 * Does every path of `inner` match `outer`? Exact for patterns of ordinary size; false where telling would take longer
 * than a few milliseconds.
 */
export function patternCovers(outer: ComparablePattern, inner: ComparablePattern): boolean {
  if (outer.key === inner.key && outer.isGlob === inner.isGlob) return true;
  if (!inner.isGlob) return patternMatches(outer, inner.key);
  const { base, rest } = compileGlob(inner.key);
  const around = outer.isGlob ? compileGlob(outer.key) : null;
  if (around && base.startsWith(around.base)) {
    const from = runAutomaton(around.rest, base.slice(around.base.length));
    return isCovered(around.rest, from, rest, base === '') ?? false;
  }
  const outerText = around?.base ?? `${outer.key}/`;
  if (!outerText.startsWith(base)) return false;
  const whole = compileAfter(outer, base);
  return isCovered(whole, [whole.start], rest, base === '') ?? false;
}
