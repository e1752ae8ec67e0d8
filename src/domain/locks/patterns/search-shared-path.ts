import { type Automaton, NO_SET, sharedOther } from './automaton.js';

/** How far the current segment has come; a path has no empty, '.' or '..' segment. */
const SEGMENT_START = 0;
const AFTER_DOT = 1;
const AFTER_DOTS = 2;
const IN_NAME = 3;
/** As SEGMENT_START, with nothing read at all: an empty path is none. */
const PATH_START = 4;
const PLACES = 5;

const SLASH_BIT = 1;
const DOT_BIT = 2;

interface Found {
  /** A shortest path that both read, '/' after each segment. Empty unless asked for. */
  path: string;
}

/**
 * Looks for a path that both automata read, breadth first over pairs of states: exact, and each pair is visited at most
 * once for each place in a segment. Null when there is none.
 * @param atPathStart Nothing has been read before `fromA` and `fromB`.
 */
export function searchSharedPath(
  a: Automaton,
  fromA: readonly number[],
  b: Automaton,
  fromB: readonly number[],
  options: { atPathStart: boolean; wantPath: boolean },
): Found | null {
  const width = b.states.length;
  const seen = new Uint8Array(a.states.length * width);
  const shared = new Int32Array(a.sets.length * b.sets.length).fill(-1);
  const queue: number[] = [];
  const cameFrom: { previous: number; char: string }[] = [];

  function visit(stateA: number, stateB: number, place: number, previous: number, char: string): void {
    const pair = stateA * width + stateB;
    const bits = seen[pair] ?? 0;
    // Within a name everything is possible that is possible after its dots.
    const known = place === AFTER_DOT || place === AFTER_DOTS ? (1 << place) | (1 << IN_NAME) : 1 << place;
    if (bits & known) return;
    seen[pair] = bits | (1 << place);
    queue.push(pair * PLACES + place);
    if (options.wantPath) cameFrom.push({ previous, char });
  }

  /** What both sets hold, as bits and a character: computed once for each two sets. */
  function share(setA: number, setB: number): number {
    const index = setA * b.sets.length + setB;
    const known = shared[index] ?? -1;
    if (known !== -1) return known;
    const one = a.sets[setA];
    const two = b.sets[setB];
    if (!one || !two) return 0;
    const bits = (one.slash && two.slash ? SLASH_BIT : 0) | (one.dot && two.dot ? DOT_BIT : 0);
    const value = bits | ((sharedOther(one, two) + 1) << 2);
    shared[index] = value;
    return value;
  }

  const place = options.atPathStart ? PATH_START : SEGMENT_START;
  for (const stateA of fromA) for (const stateB of fromB) visit(stateA, stateB, place, -1, '');

  for (let at = 0; at < queue.length; at += 1) {
    const entry = queue[at] ?? 0;
    const here = entry % PLACES;
    const pair = (entry - here) / PLACES;
    const numberB = pair % width;
    const numberA = (pair - numberB) / width;
    if (numberA === a.accept && numberB === b.accept && here === SEGMENT_START) {
      return { path: options.wantPath ? readPath(cameFrom, at) : '' };
    }
    const stateA = a.states[numberA];
    const stateB = b.states[numberB];
    if (!stateA || !stateB) continue;
    for (const free of stateA.free) visit(free, numberB, here, at, '');
    for (const free of stateB.free) visit(numberA, free, here, at, '');
    if (stateA.set === NO_SET || stateB.set === NO_SET) continue;
    const both = share(stateA.set, stateB.set);
    const other = (both >> 2) - 1;
    if (both & SLASH_BIT && here === IN_NAME) visit(stateA.to, stateB.to, SEGMENT_START, at, '/');
    if (other >= 0) visit(stateA.to, stateB.to, IN_NAME, at, options.wantPath ? String.fromCodePoint(other) : '');
    else if (both & DOT_BIT) visit(stateA.to, stateB.to, afterDot(here), at, '.');
  }
  return null;
}

/** Where a '.' leads within a segment. */
function afterDot(place: number): number {
  if (place === SEGMENT_START || place === PATH_START) return AFTER_DOT;
  return place === AFTER_DOT ? AFTER_DOTS : IN_NAME;
}

function readPath(cameFrom: readonly { previous: number; char: string }[], last: number): string {
  const chars: string[] = [];
  for (let at = last; at >= 0; ) {
    const step = cameFrom[at];
    if (!step) break;
    chars.push(step.char);
    at = step.previous;
  }
  return chars.reverse().join('');
}
