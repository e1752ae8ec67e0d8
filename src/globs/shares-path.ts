import { type Automaton, type CharSet, NO_SET } from './automaton.js';
import { rangesMeet } from './code-points.js';
import { DOT_BIT, OTHER_BIT, PATH_START, SEGMENT_START, SLASH_BIT, tabulatePlaces } from './segment-place.js';

const NEXT_PLACES = tabulatePlaces();
const UNKNOWN = 255;

/**
 * Is there a path that both automata read? Exact. Walks the pairs of states once, downwards (see Automaton): a pair
 * holds the set of places in a segment at which it is reached, and is met after all pairs that lead to it.
 * @param fromB Where `b` is when `a` is at its start.
 * @param atPathStart Nothing has been read so far.
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
      const places = reached[row + stateB] ?? 0;
      if (places === 0) continue;
      let after = places;
      const setB = b.set[stateB] ?? NO_SET;
      if (setA !== NO_SET && setB !== NO_SET) {
        const index = setA * b.sets.length + setB;
        let kinds = shared[index] ?? 0;
        if (kinds === UNKNOWN) {
          kinds = sharedKinds(a.sets[setA], b.sets[setB]);
          shared[index] = kinds;
        }
        const target = rowTo + (b.to[stateB] ?? 0);
        if (target === row + stateB) after = repeat(places, kinds);
        else if (kinds !== 0) reached[target] = (reached[target] ?? 0) | (NEXT_PLACES[(places << 3) | kinds] ?? 0);
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

/** Where both stay in their states, the places after any number of characters. */
function repeat(places: number, kinds: number): number {
  for (let all = places; ; ) {
    const more = all | (NEXT_PLACES[(all << 3) | kinds] ?? 0);
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
