import { type Automaton, NO_SET, setHas } from './automaton.js';

/** The states after reading `text` from the start, those reached without reading included. */
export function runAutomaton(automaton: Automaton, text: string): number[] {
  const { set, to, free, sets, start } = automaton;
  const readers = new Map<string, Uint8Array>();
  let current = new Uint8Array(set.length);
  let next = new Uint8Array(set.length);
  current[start] = 1;
  for (const char of text) {
    let readsIt = readers.get(char);
    if (!readsIt) {
      readsIt = Uint8Array.from(sets, (one) => Number(setHas(one, char.codePointAt(0) ?? 0)));
      readers.set(char, readsIt);
    }
    for (let state = start; state >= 0; state -= 1) {
      if (!current[state]) continue;
      for (const reached of free[state] ?? []) current[reached] = 1;
      if (readsIt[set[state] ?? NO_SET]) next[to[state] ?? 0] = 1;
    }
    [current, next] = [next, current];
    next.fill(0);
  }
  return closeStates(automaton, listMarked(current));
}

function listMarked(marks: Uint8Array): number[] {
  const marked: number[] = [];
  for (const [state, mark] of marks.entries()) if (mark) marked.push(state);
  return marked;
}

/** The states, and all states that they lead to without reading. */
export function closeStates(automaton: Automaton, states: readonly number[]): number[] {
  const closed = new Set(states);
  // A state that is added while the set is iterated is visited too.
  for (const state of closed) for (const free of automaton.free[state] ?? []) closed.add(free);
  return [...closed];
}
