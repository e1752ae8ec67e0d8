import { type CompiledGlob, compileAfter, compileGlob } from './compile-pattern.js';
import type { ComparablePattern } from './pattern-types.js';
import { runAutomaton } from './run-automaton.js';
import { searchSharedPath } from './search-shared-path.js';
import { isCovered } from './search-uncovered-path.js';

/**
 * Could any path match both, whether or not it exists? Exact.
 * @throws AppError when a key is no valid glob; keys made by `normalizePattern` are.
 */
export function patternsOverlap(a: ComparablePattern, b: ComparablePattern): boolean {
  if (!a.isGlob) return patternMatches(b, a.key);
  if (!b.isGlob) return patternMatches(a, b.key);
  return shareOf(compileGlob(a.key), compileGlob(b.key), false) !== null;
}

/** A shortest path that matches both, to be shown as an example; null when they don't overlap. */
export function findSharedPath(a: ComparablePattern, b: ComparablePattern): string | null {
  if (!a.isGlob) return patternMatches(b, a.key) ? a.key : null;
  if (!b.isGlob) return patternMatches(a, b.key) ? b.key : null;
  return shareOf(compileGlob(a.key), compileGlob(b.key), true);
}

/** Does the pattern match this path, given as the key of a literal pattern? */
export function patternMatches(pattern: ComparablePattern, path: string): boolean {
  if (!pattern.isGlob) return pattern.key === path;
  const { base, rest } = compileGlob(pattern.key);
  const closed = `${path}/`;
  if (!closed.startsWith(base)) return false;
  return runAutomaton(rest, [rest.start], closed.slice(base.length)).includes(rest.accept);
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
    const from = runAutomaton(around.rest, [around.rest.start], base.slice(around.base.length));
    return isCovered(around.rest, from, rest, [rest.start], { atPathStart: base === '' }) ?? false;
  }
  const outerText = around?.base ?? `${outer.key}/`;
  if (!outerText.startsWith(base)) return false;
  const whole = compileAfter(outer, base);
  return isCovered(whole, [whole.start], rest, [rest.start], { atPathStart: base === '' }) ?? false;
}

/**
 * Can patterns with these bases overlap at all? For picking candidates, also by an index: in SQL
 * `starts_with(a || '/', b) OR starts_with(b || '/', a)`.
 */
export function basesMeet(a: string, b: string): boolean {
  return `${a}/`.startsWith(b) || `${b}/`.startsWith(a);
}

function shareOf(a: CompiledGlob, b: CompiledGlob, wantPath: boolean): string | null {
  const [longer, shorter] = a.base.length >= b.base.length ? [a, b] : [b, a];
  if (!longer.base.startsWith(shorter.base)) return null;
  const { rest } = shorter;
  const from = runAutomaton(rest, [rest.start], longer.base.slice(shorter.base.length));
  if (from.length === 0) return null;
  const found = searchSharedPath(longer.rest, [longer.rest.start], rest, from, {
    atPathStart: longer.base === '',
    wantPath,
  });
  return found && `${longer.base}${found.path}`.slice(0, -1);
}
