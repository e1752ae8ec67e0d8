import { expect, test } from 'vitest';
import { findViolations, type Hold } from '../support/locks/lock-history.js';

const reach = { a: ['a'], b: ['b'], '*': ['a', 'b'] };
const hold = (owner: string, pattern: string, token: number, from: number, until: number): Hold => ({
  owner,
  pattern,
  mode: 'exclusive',
  token,
  from,
  until,
});

test('the checker of histories accepts what follows the rule', () => {
  const one = hold('x', 'a', 1, 0, 10);
  expect(findViolations([one, hold('y', 'b', 2, 5, 15), hold('y', 'a', 3, 10, 20)], reach)).toEqual([]);
  expect(findViolations([one, hold('x', '*', 2, 5, 15)], reach)).toEqual([]);
  expect(
    findViolations(
      [
        { ...one, mode: 'shared' },
        { ...hold('y', '*', 2, 5, 15), mode: 'shared' },
      ],
      reach,
    ),
  ).toEqual([]);
});

test('and sees two holders at once, also of patterns that only overlap, and a token that falls', () => {
  expect(findViolations([hold('x', 'a', 1, 0, 10), hold('y', 'a', 2, 9, 15)], reach)).toHaveLength(1);
  expect(findViolations([hold('x', '*', 1, 0, 10), hold('y', 'b', 2, 9, 15)], reach)).toHaveLength(1);
  expect(
    findViolations([{ ...hold('x', '*', 1, 0, 10), mode: 'shared' }, hold('y', 'b', 2, 9, 15)], reach),
  ).toHaveLength(1);
  expect(findViolations([hold('x', 'a', 2, 0, 10), hold('y', 'a', 2, 10, 15)], reach)).toHaveLength(1);
});
