import { expect, it } from 'vitest';
import { explainHit, matchedWords, traceTerms } from '../../../src/memory/search/explain-hit.js';
import type { Term } from '../../../src/memory/search/lexical-types.js';

function term(ord: number, lexeme: string, given: Partial<Term> = {}): Term {
  return { ord, lexeme, word: lexeme, identifier: false, stop: false, df: ord, idf: 1, ...given };
}

it('gives the words of the query, rarest first, each once, without stop words', () => {
  const terms = [
    term(1, 'migrat', { word: 'migrations' }),
    term(2, 'migrations'),
    term(3, 'the', { stop: true }),
    term(4, 'databas', { word: 'database', df: 9 }),
    term(5, '=lib/db.ts', { identifier: true, df: 0 }),
  ];
  const traced = traceTerms(terms, []);
  expect(matchedWords(traced, [1, 2, 3, 4, 5])).toEqual(['lib/db.ts', 'migrations', 'database']);
  expect(matchedWords(traced, [2, 4])).toEqual(['migrations', 'database']);
  expect(matchedWords(traced, [3])).toEqual([]);
});

it('says in a few words why', () => {
  const evidence = {
    kind: 'insight',
    id: 'a',
    cosine: 0.714,
    lexical: 0.4,
    coverage: 0.5,
    nameMatch: 0,
    identifierSpread: 0,
    words: ['jwt', 'token'],
  } as const;
  expect(explainHit({ ...evidence, words: [...evidence.words] })).toBe('words: jwt, token; meaning 0.71');
  expect(explainHit({ ...evidence, words: [], cosine: null, nameMatch: 1 })).toBe('exact name');
  expect(explainHit({ ...evidence, words: [], cosine: null })).toBe('weak match');
});
