import { expect, test } from 'vitest';
import { listNames, NAME_WORDS } from '../../../src/coordination/names/agent-names.js';

/** Letters that have to be changed, added or taken out to turn one word into the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

test('the words are short, and none is easily taken for another', () => {
  expect(NAME_WORDS.length).toBeGreaterThan(120);
  for (const word of NAME_WORDS) expect(word).toMatch(/^[A-Z][a-z]{3,7}$/);
  expect(new Set(NAME_WORDS.map((word) => word.slice(0, 3))).size).toBe(NAME_WORDS.length);
  const near = NAME_WORDS.flatMap((a, index) =>
    NAME_WORDS.slice(index + 1).flatMap((b) => (distance(a.toLowerCase(), b.toLowerCase()) < 3 ? [`${a} ${b}`] : [])),
  );
  expect(near).toEqual([]);
});

test('an agent tries words, then pairs, always in the same order, and another agent in another order', () => {
  const names = listNames('agent_a');
  expect(listNames('agent_a')).toEqual(names);
  expect(names.slice(0, 20).every((name) => NAME_WORDS.includes(name))).toBe(true);
  expect(names.at(-2)).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
  expect(new Set(names).size).toBe(names.length);
  expect(listNames('agent_b').slice(0, 5)).not.toEqual(names.slice(0, 5));
});
