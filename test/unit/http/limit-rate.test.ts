import { expect, it } from 'vitest';
import { createRateLimit } from '../../../src/http/access/limit-rate.js';

it('lets four seconds of requests pass at once, then as many as the rate, each sender alone', () => {
  let now = 0;
  const { take } = createRateLimit(2, () => now);
  const first = Array.from({ length: 8 }, () => take('anna'));
  expect(first).toEqual(Array(8).fill(0));
  expect(take('anna')).toBe(1);
  expect(take('ben')).toBe(0);
  now += 500;
  expect([take('anna'), take('anna')]).toEqual([0, 1]);
  now += 60_000;
  expect(Array.from({ length: 9 }, () => take('anna')).filter((wait) => wait > 0)).toHaveLength(1);
});
