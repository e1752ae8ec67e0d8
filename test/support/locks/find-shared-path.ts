import { type Automaton, NO_SET, SLASH, setHas } from '../../../src/globs/automaton.js';
import { compileAfter } from '../../../src/globs/compile-pattern.js';
import type { ComparablePattern } from '../../../src/globs/pattern-types.js';

/**
 * A shortest path over the alphabet that both patterns match, breadth first over pairs of states: slower than
 * `patternsOverlap`, and another way, which shows its witness. Null when there is none.
 */
export function findSharedPath(a: ComparablePattern, b: ComparablePattern, alphabet: readonly string[]): string | null {
  const one = compileAfter(a, '');
  const two = compileAfter(b, '');
  const seen = new Set<string>();
  let level = [{ x: one.start, y: two.start, text: '' }];
  while (level.length > 0) {
    const next: typeof level = [];
    for (const entry of level) {
      const { x, y, text } = entry;
      const segment = text.slice(text.lastIndexOf('/') + 1);
      const segmentState = text === '' ? 'none' : ['', '.', '..'].includes(segment) ? segment : 'name';
      const name = `${x} ${y} ${segmentState}`;
      if (seen.has(name)) continue;
      seen.add(name);
      if (x === one.accept && y === two.accept && segmentState === '') return text.slice(0, -1);
      for (const free of one.free[x] ?? []) level.push({ x: free, y, text });
      for (const free of two.free[y] ?? []) level.push({ x, y: free, text });
      for (const char of alphabet) {
        const point = char.codePointAt(0) ?? 0;
        if (point === SLASH && segmentState !== 'name') continue;
        if (!reads(one, x, point) || !reads(two, y, point)) continue;
        next.push({ x: one.to[x] ?? 0, y: two.to[y] ?? 0, text: text + char });
      }
    }
    level = next;
  }
  return null;
}

function reads(automaton: Automaton, state: number, point: number): boolean {
  const set = automaton.sets[automaton.set[state] ?? NO_SET];
  return set !== undefined && setHas(set, point);
}
