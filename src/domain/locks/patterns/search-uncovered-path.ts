import { type Automaton, DOT, NO_SET, SLASH, setHas } from './automaton.js';
import { closeStates, stepStates } from './run-automaton.js';

/** Steps of one search; beyond it the answer is "don't know". A few milliseconds. */
const MOST_STEPS = 100_000;

const SEGMENT_START = 0;
const AFTER_DOT = 1;
const AFTER_DOTS = 2;
const IN_NAME = 3;
const PATH_START = 4;

/**
 * Is every path that `inner` reads also read by `outer`? Subset construction over `outer`, as far as `inner` leads.
 * Null when that takes more than MOST_STEPS.
 */
export function isCovered(
  outer: Automaton,
  fromOuter: readonly number[],
  inner: Automaton,
  fromInner: readonly number[],
  options: { atPathStart: boolean },
): boolean | null {
  const points = listPoints(outer, inner);
  const pointsOfSet = inner.sets.map((set) => points.filter((point) => setHas(set, point)));
  const seen = new Set<string>();
  const queue: { state: number; place: number; subset: readonly number[] }[] = [];
  let steps = 0;

  function visit(states: readonly number[], place: number, subset: readonly number[]): void {
    const name = [...subset].sort((x, y) => x - y).join();
    for (const state of states) {
      const entry = `${state} ${place} ${name}`;
      if (seen.has(entry)) continue;
      seen.add(entry);
      queue.push({ state, place, subset });
    }
  }

  const place = options.atPathStart ? PATH_START : SEGMENT_START;
  visit(closeStates(inner, fromInner), place, closeStates(outer, fromOuter));
  for (let at = 0; at < queue.length; at += 1) {
    const entry = queue[at];
    const state = entry && inner.states[entry.state];
    if (!entry || !state) continue;
    if (entry.state === inner.accept && entry.place === SEGMENT_START && !entry.subset.includes(outer.accept)) {
      return false;
    }
    if (state.set === NO_SET) continue;
    const next = closeStates(inner, [state.to]);
    for (const point of pointsOfSet[state.set] ?? []) {
      const reached = afterPoint(entry.place, point);
      if (reached === null) continue;
      steps += entry.subset.length + next.length + 1;
      if (steps > MOST_STEPS) return null;
      visit(next, reached, stepStates(outer, entry.subset, point));
    }
  }
  return true;
}

/** Where a character leads within a segment; null where no path has it. */
function afterPoint(place: number, point: number): number | null {
  if (point === SLASH) return place === IN_NAME ? SEGMENT_START : null;
  if (point !== DOT || place === IN_NAME || place === AFTER_DOTS) return IN_NAME;
  return place === AFTER_DOT ? AFTER_DOTS : AFTER_DOT;
}

/** One code point for each way in which the sets of both tell code points apart. */
function listPoints(a: Automaton, b: Automaton): number[] {
  const firsts = new Set([SLASH, DOT]);
  for (const { others } of [...a.sets, ...b.sets]) {
    for (let index = 0; index < others.length; index += 2) {
      firsts.add(others[index] ?? 0);
      firsts.add((others[index + 1] ?? 0) + 1);
    }
  }
  return [...firsts].sort((x, y) => x - y);
}
