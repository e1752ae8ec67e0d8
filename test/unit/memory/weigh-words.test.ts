import { expect, it } from 'vitest';
import { chooseLexicalWeight } from '../../../src/memory/search/weigh-words.js';

const weigh = (meanLength: number, ...lexical: number[]): number =>
  chooseLexicalWeight(
    lexical.map((one) => ({ lexical: one })),
    { knownShare: 1, passages: 100, meanLength },
  );

it('trusts words that stand out, and words of long texts', () => {
  expect(weigh(100, 0.6, 0.2)).toBeGreaterThan(2 * weigh(100, 0.6, 0.55));
  expect(weigh(800, 0.6, 0.55)).toBeGreaterThan(3 * weigh(100, 0.6, 0.55));
  expect(weigh(10_000, 0.9, 0)).toBe(1);
});

it('does not trust the only hit by words when it is a weak one', () => {
  expect(weigh(100, 0.02)).toBeLessThan(weigh(100, 0.6, 0.3));
  expect(weigh(100)).toBeCloseTo(0.142);
});

it('does not depend on the order of the hits', () => {
  expect(weigh(100, 0.2, 0.5, 0.4)).toBe(weigh(100, 0.5, 0.4, 0.2));
});
