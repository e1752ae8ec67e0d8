import { type Automaton, NO_SET, setHas } from './automaton.js';

/** The states after reading `text` from `from`, those reached without reading included. */
export function runAutomaton(automaton: Automaton, from: readonly number[], text: string): number[] {
  let current = closeStates(automaton, from);
  for (const char of text) {
    if (current.length === 0) break;
    current = stepStates(automaton, current, char.codePointAt(0) ?? 0);
  }
  return current;
}

/** The states after reading one character. */
export function stepStates(automaton: Automaton, from: readonly number[], point: number): number[] {
  const reached: number[] = [];
  for (const number of from) {
    const state = automaton.states[number];
    const set = state && state.set !== NO_SET ? automaton.sets[state.set] : undefined;
    if (state && set && setHas(set, point)) reached.push(state.to);
  }
  return closeStates(automaton, reached);
}

/** The states and all that they reach without reading. */
export function closeStates(automaton: Automaton, states: readonly number[]): number[] {
  const closed = new Set(states);
  // What is added while the set is walked is walked too.
  for (const number of closed) for (const free of automaton.states[number]?.free ?? []) closed.add(free);
  return [...closed];
}
