import { type Automaton, type CharSet, NO_SET } from './automaton.js';
import { rangesMeet } from './code-points.js';
import { DOT_BIT, OTHER_BIT, PATH_START, SEGMENT_START, SLASH_BIT, tabulateSegmentStates } from './segment-state.js';

const NEXT_STATES = tabulateSegmentStates();
const UNKNOWN = 255;

/**
 * Is there a path that both automata read? Exact. Visits the pairs of states once, in descending order (see Automaton):
 * a pair holds the set of segment states in which it is reached, and is visited after all pairs that lead to it.
 * @param fromB the states of `b` while `a` is at its start
 * @param atPathStart whether nothing of the path has been read so far
 */
export function sharesPath(a: Automaton, b: Automaton, fromB: readonly number[], atPathStart: boolean): boolean {
  const width = b.set.length;
  const reached = new Uint8Array(a.set.length * width);
  const shared = new Uint8Array(a.sets.length * b.sets.length).fill(UNKNOWN);
  for (const state of fromB) reached[a.start * width + state] = 1 << (atPathStart ? PATH_START : SEGMENT_START);

  for (let stateA = a.start; stateA >= 0; stateA -= 1) {
    const row = stateA * width;
    const setA = a.set[stateA] ?? NO_SET;
    const rowTo = (a.to[stateA] ?? 0) * width;
    const freeA = a.free[stateA] ?? [];
    for (let stateB = width - 1; stateB >= 0; stateB -= 1) {
      const segments = reached[row + stateB] ?? 0;
      if (segments === 0) continue;
      let after = segments;
      const setB = b.set[stateB] ?? NO_SET;
      if (setA !== NO_SET && setB !== NO_SET) {
        const index = setA * b.sets.length + setB;
        let kinds = shared[index] ?? 0;
        if (kinds === UNKNOWN) {
          kinds = sharedKinds(a.sets[setA], b.sets[setB]);
          shared[index] = kinds;
        }
        const target = rowTo + (b.to[stateB] ?? 0);
        if (target === row + stateB) after = repeat(segments, kinds);
        else if (kinds !== 0) reached[target] = (reached[target] ?? 0) | (NEXT_STATES[(segments << 3) | kinds] ?? 0);
      }
      for (const free of b.free[stateB] ?? []) reached[row + free] = (reached[row + free] ?? 0) | after;
      for (const free of freeA) {
        const target = free * width + stateB;
        reached[target] = (reached[target] ?? 0) | after;
      }
    }
  }
  return ((reached[a.accept * width + b.accept] ?? 0) & (1 << SEGMENT_START)) !== 0;
}

/** The segment states after any number of characters, where both automata stay in their states. */
function repeat(segments: number, kinds: number): number {
  for (let all = segments; ; ) {
    const more = all | (NEXT_STATES[(all << 3) | kinds] ?? 0);
    if (more === all) return all;
    all = more;
  }
}

function sharedKinds(a: CharSet | undefined, b: CharSet | undefined): number {
  if (!a || !b) return 0;
  const slash = a.slash && b.slash ? SLASH_BIT : 0;
  const dot = a.dot && b.dot ? DOT_BIT : 0;
  return slash | dot | (rangesMeet(a.others, b.others) ? OTHER_BIT : 0);
}
