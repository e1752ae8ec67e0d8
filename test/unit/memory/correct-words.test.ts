import { expect, it } from 'vitest';
import { correctWords, countEdits, suspectWords, type WordList } from '../../../src/memory/search/correct-words.js';

function listOf(...words: string[]): WordList {
  return {
    has: (word) => words.includes(word),
    ofLength: (length, by) => words.filter((word) => Math.abs(word.length - length) <= by),
  };
}

const correct = (query: string, ...words: string[]): string =>
  correctWords(
    query,
    suspectWords(query, () => false),
    listOf(...words),
  );

it.each([
  ['', 'abc', 3],
  ['connection', 'conection', 1],
  ['deployment', 'deploymetn', 1],
  ['kitten', 'sitting', 3],
  ['abcd', 'badc', 2],
])('counts the edits from %s to %s', (a, b, edits) => {
  expect(countEdits(a, b, 9)).toBe(edits);
  expect(countEdits(b, a, 9)).toBe(edits);
  expect(countEdits(a, b, edits - 1)).toBeGreaterThanOrEqual(edits);
});

it('replaces a word by the nearest, two letters away at most', () => {
  expect(correct('the conecton pool', 'connection', 'correction', 'pool', 'the')).toBe('the connection pool');
  expect(correct('Migratoin', 'migration')).toBe('migration');
  expect(correct('conexxxon', 'connection')).toBe('conexxxon');
});

it('leaves alone what is known, what is short, and what is part of an identifier', () => {
  expect(correct('cache', 'cache', 'caches')).toBe('cache');
  expect(correct('fox', 'box')).toBe('fox');
  expect(correct('lib/conection.ts conection_pool conection2', 'connection')).toBe(
    'lib/conection.ts conection_pool conection2',
  );
  expect(suspectWords('Login page', (word) => word === 'login')).toEqual(['page']);
});

it('finds a word of Hebrew with other particles before it', () => {
  expect(correct('מטמון', 'המטמון', 'מטבח')).toBe('המטמון');
  expect(correct('שרת', 'השרת')).toBe('השרת');
  expect(correct('והמטמון מלא', 'מטמון', 'מלא')).toBe('מטמון מלא');
  expect(correct('מטמון', 'מטמון', 'המטמון')).toBe('מטמון');
  expect(correct('תור', 'כתור', 'סתור')).toBe('כתור');
});

it('does not take a word for its own stem', () => {
  expect(correct('migrate tokens', 'migrat', 'token')).toBe('migrate tokens');
});

it('does not take words of another first letter for one another when they are short', () => {
  expect(correct('login', 'begin', 'ogin')).toBe('login');
});
