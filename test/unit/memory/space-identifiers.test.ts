import fc from 'fast-check';
import { expect, it } from 'vitest';
import { spaceIdentifiers } from '../../../src/memory/passages/space-identifiers.js';

it.each([
  ['parseHTTPConfig(nodeEnv)', 'parse HTTP Config(node Env)'],
  ['useKeyWithClickEvents', 'use Key With Click Events'],
  ['snake_case SCREAMING_CASE kebab-case lib/auth.ts', 'snake_case SCREAMING_CASE kebab-case lib/auth.ts'],
  ['Plain English, with an Initial and an API.', 'Plain English, with an Initial and an API.'],
  ['Überprüfung データベース 🔥', 'Überprüfung データベース 🔥'],
])('reads %s as %s', (original, spaced) => {
  expect(spaceIdentifiers(original).text).toBe(spaced);
});

it('finds every word of the spaced text where it is in the original', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-cA-C0-1_ .🔥]{0,40}$/u), (original) => {
      const { text, toOriginal } = spaceIdentifiers(original);
      expect(text.replaceAll(' ', '')).toBe(original.replaceAll(' ', ''));
      for (const { 0: word, index } of text.matchAll(/\S+/g)) {
        const { start, end } = toOriginal({ start: index, end: index + word.length });
        expect(original.slice(start, end)).toBe(word);
      }
    }),
  );
});
