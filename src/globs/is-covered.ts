import { type Automaton, DOT, NO_SET, SLASH, setHas } from './automaton.js';
import { closeStates } from './run-automaton.js';
import {
  DOT_BIT,
  nextSegmentState,
  OTHER_BIT,
  PATH_START,
  SEGMENT_START,
  SEGMENT_STATES,
  SLASH_BIT,
} from './segment-state.js';

/** States visited in one search, and tests whether a set holds a character: a few milliseconds. */
const MAX_STEPS = 20_000;
const MAX_SET_TESTS = 50_000;

/**
 * Is every path that `inner` reads also read by `outer`? Subset construction over `outer`, as far as `inner` leads.
 * @param fromOuter the states of `outer` while `inner` is at its start
 * @param atPathStart whether nothing of the path has been read so far
 * @returns null when the answer would take too long
 */
export function isCovered(
  outer: Automaton,
  fromOuter: readonly number[],
  inner: Automaton,
  atPathStart: boolean,
): boolean | null {
  const points = pickCodePoints(outer, inner);
  if (points.length * (outer.sets.length + inner.sets.length) > MAX_SET_TESTS) return null;
  const pointsOfSet = inner.sets.map((set) => points.filter((point) => setHas(set, point)));
  const outerSets = new Map(points.map((point) => [point, outer.sets.map((set) => setHas(set, point))]));
  const seen = new Set<number>();
  const subsetNumbers = new Map<string, number>();
  const queue: { state: number; segment: number; subset: readonly number[] }[] = [];
  let steps = 0;

  function visit(states: readonly number[], segment: number, subset: readonly number[]): void {
    const name = subset.join();
    const number = subsetNumbers.get(name) ?? subsetNumbers.size;
    subsetNumbers.set(name, number);
    for (const state of states) {
      const entry = (number * SEGMENT_STATES + segment) * inner.set.length + state;
      if (seen.has(entry)) continue;
      seen.add(entry);
      queue.push({ state, segment, subset });
    }
  }

  function step(subset: readonly number[], point: number): number[] {
    const holds = outerSets.get(point) ?? [];
    const reached: number[] = [];
    for (const state of subset) {
      const set = outer.set[state] ?? NO_SET;
      if (set !== NO_SET && holds[set]) reached.push(outer.to[state] ?? 0);
    }
    return closeStates(outer, reached).sort((x, y) => x - y);
  }

  visit(closeStates(inner, [inner.start]), atPathStart ? PATH_START : SEGMENT_START, closeStates(outer, fromOuter));
  for (let at = 0; at < queue.length; at += 1) {
    const entry = queue[at];
    if (!entry) break;
    const { state, segment, subset } = entry;
    if (state === inner.accept && segment === SEGMENT_START && !subset.includes(outer.accept)) return false;
    const set = inner.set[state] ?? NO_SET;
    if (set === NO_SET) continue;
    const next = closeStates(inner, [inner.to[state] ?? 0]);
    for (const point of pointsOfSet[set] ?? []) {
      const reached = nextSegmentState(segment, point === SLASH ? SLASH_BIT : point === DOT ? DOT_BIT : OTHER_BIT);
      if (reached === null) continue;
      const after = step(subset, point);
      steps += subset.length + after.length + next.length;
      if (steps > MAX_STEPS) return null;
      visit(next, reached, after);
    }
  }
  return true;
}

/** One code point of each class of code points that no set of either automaton distinguishes. */
function pickCodePoints(a: Automaton, b: Automaton): number[] {
  const firsts = new Set([SLASH, DOT]);
  for (const { others } of [...a.sets, ...b.sets]) {
    for (let index = 0; index < others.length; index += 2) {
      firsts.add(others[index] ?? 0);
      firsts.add((others[index + 1] ?? 0) + 1);
    }
  }
  return [...firsts].sort((x, y) => x - y);
}
