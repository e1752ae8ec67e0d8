import { hasPoint, intersectRanges, invertRanges, type Ranges, subtractRanges } from './code-points.js';
import type { GlobNode } from './pattern-types.js';

/** The characters that a state reads. '/' and '.' are separate: they decide where a segment ends and what is no name. */
export interface CharSet {
  slash: boolean;
  dot: boolean;
  others: Ranges;
}

/**
 * A glob as a non-deterministic automaton over code points. It reads paths with a '/' after every segment, the last
 * included: then `**` followed by '/' is any number of `segment/`, wherever it stands.
 *
 * No state leads to one of a higher number, and only `to` may lead to itself: visiting the numbers in descending order
 * once visits every state after all those that lead to it.
 */
export interface Automaton {
  /** By state: the number of the set it reads one character of, on the way to `to`; or NO_SET. */
  set: Int16Array;
  to: Int16Array;
  /** By state: where it leads without reading. */
  free: readonly (readonly number[])[];
  sets: readonly CharSet[];
  start: number;
  accept: number;
}

export const SLASH = 0x2f;
export const DOT = 0x2e;
/** Reads nothing. */
export const NO_SET = -1;

/** No path holds NUL or half of a surrogate pair. */
const NO_CHARACTER: Ranges = [0, 0, 0xd800, 0xdfff];
const SEPARATE: Ranges = [DOT, SLASH];
const ALL_OTHERS = subtractRanges(invertRanges(NO_CHARACTER), SEPARATE);

/** States at which the rest of a pattern is entered. */
interface Entry {
  /** From the beginning of a segment. */
  start: number;
  /** From within a segment: here `**` is the same as `*`. */
  inside: number;
  /** Past the '/' that the rest begins with; null where it can't begin with one. Zero folders of `**` go there. */
  pastSlash: number | null;
}

/** Builds the automaton of parsed nodes. @returns null when it would have more than `maxStates` states */
export function buildAutomaton(nodes: readonly GlobNode[], maxStates: number): Automaton | null {
  const states: { set: number; to: number; free: number[] }[] = [];
  const sets: CharSet[] = [];
  const setNumbers = new Map<string, number>();

  function numberSet(set: CharSet): number {
    const name = `${set.slash ? '/' : ''}${set.dot ? '.' : ''}${set.others.join()}`;
    const known = setNumbers.get(name);
    if (known !== undefined) return known;
    sets.push(set);
    setNumbers.set(name, sets.length - 1);
    return sets.length - 1;
  }

  function add(set: number, to: number, free: number[] = []): number {
    states.push({ set, to, free });
    return states.length - 1;
  }

  /** A state that reads one character of the set, then goes on within the segment. */
  const read = (set: CharSet, rest: Entry): Entry => single(add(numberSet(set), rest.inside));

  function addLoop(set: CharSet, next: number): number {
    const loop = add(numberSet(set), states.length, [next]);
    return loop;
  }

  function addNode(node: GlobNode, rest: Entry): Entry {
    switch (node.kind) {
      case 'literal':
        return read(setOfPoint(node.point), rest);
      case 'any':
        return read(NAME_CHARS, rest);
      case 'slash':
        return { ...single(add(numberSet(ONLY_SLASH), rest.start)), pastSlash: rest.start };
      case 'star':
        return single(addLoop(NAME_CHARS, rest.inside));
      case 'globstar': {
        const star = addLoop(NAME_CHARS, rest.inside);
        if (rest.pastSlash === null) return single(star);
        const folders = addLoop(ANY_CHARS, add(numberSet(ONLY_SLASH), rest.pastSlash));
        return { start: add(NO_SET, 0, [star, folders, rest.pastSlash]), inside: star, pastSlash: null };
      }
      case 'class': {
        const set = setOfRanges(node.negated ? invertRanges(node.ranges) : node.ranges);
        const spelled = addAll(
          Array.from(node.text, (char): GlobNode => ({ kind: 'literal', point: char.codePointAt(0) ?? 0 })),
          rest,
        );
        return single(add(NO_SET, 0, [read(set, rest).start, spelled.start]));
      }
      case 'choice':
        return unite(node.branches.map((branch) => addAll(branch, rest)));
    }
  }

  /** From the end to the beginning, so that each node knows what follows it. */
  function addAll(list: readonly GlobNode[], rest: Entry): Entry {
    let entry = rest;
    for (let index = list.length - 1; index >= 0; index -= 1) {
      const node = list[index];
      if (states.length > maxStates) return entry;
      if (node) entry = addNode(node, entry);
    }
    return entry;
  }

  function unite(entries: readonly Entry[]): Entry {
    const past = entries.map((entry) => entry.pastSlash).filter((state) => state !== null);
    return {
      start: add(NO_SET, 0, unique(entries.map((entry) => entry.start))),
      inside: add(NO_SET, 0, unique(entries.map((entry) => entry.inside))),
      pastSlash: past.length > 0 ? add(NO_SET, 0, unique(past)) : null,
    };
  }

  const accept = add(NO_SET, 0);
  const end = addNode({ kind: 'slash', at: 0 }, single(accept));
  const { start } = addAll(nodes, end);
  if (states.length > maxStates) return null;
  return {
    set: Int16Array.from(states, (state) => state.set),
    to: Int16Array.from(states, (state) => state.to),
    free: states.map((state) => state.free),
    sets,
    start,
    accept,
  };
}

/** Does the set hold this code point? */
export function setHas(set: CharSet, point: number): boolean {
  if (point === SLASH) return set.slash;
  if (point === DOT) return set.dot;
  return hasPoint(set.others, point);
}

const ONLY_SLASH: CharSet = { slash: true, dot: false, others: [] };
const NAME_CHARS: CharSet = { slash: false, dot: true, others: ALL_OTHERS };
const ANY_CHARS: CharSet = { slash: true, dot: true, others: ALL_OTHERS };

function setOfPoint(point: number): CharSet {
  return point === DOT ? { slash: false, dot: true, others: [] } : { slash: false, dot: false, others: [point, point] };
}

function setOfRanges(ranges: Ranges): CharSet {
  return { slash: false, dot: hasPoint(ranges, DOT), others: intersectRanges(ranges, ALL_OTHERS) };
}

function single(state: number): Entry {
  return { start: state, inside: state, pastSlash: null };
}

function unique(states: readonly number[]): number[] {
  return [...new Set(states)];
}
