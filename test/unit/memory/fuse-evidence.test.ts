import { expect, it } from 'vitest';
import { type Evidence, fuseEvidence as fuse, RELEVANT_SCORE } from '../../../src/memory/search/fuse-evidence.js';

/** Of a query in a script that the model knows. */
const fuseEvidence = (found: Evidence[], retriever?: 'hybrid' | 'lexical' | 'vector') =>
  fuse(found, { knownShare: 1 }, retriever);

function evidence(id: string, given: Partial<Evidence>): Evidence {
  return {
    kind: 'insight',
    id,
    cosine: null,
    lexical: 0,
    coverage: 0,
    nameMatch: 0,
    identifierSpread: 0,
    words: [],
    ...given,
  };
}

const order = (found: Evidence[]): string[] => fuseEvidence(found).map((hit) => hit.evidence.id);

it('puts meaning first and lets the best words decide between neighbours', () => {
  const found = [
    evidence('near', { cosine: 0.7 }),
    evidence('nearly', { cosine: 0.65, lexical: 0.4 }),
    evidence('words', { cosine: 0.3, lexical: 0.2 }),
  ];
  expect(order(found)).toEqual(['nearly', 'near', 'words']);
});

it('gives the same evidence the same score whatever else was found', () => {
  const alone = fuseEvidence([evidence('a', { cosine: 0.6, lexical: 0.3 })])[0]?.score;
  const among = fuseEvidence([
    evidence('a', { cosine: 0.6, lexical: 0.3 }),
    evidence('b', { cosine: 0.2, lexical: 0.1 }),
  ]);
  expect(among[0]?.score).toBe(alone);
});

it('calls strong words relevant whatever the cosine, and weak evidence irrelevant', () => {
  const scoreOf = (given: Partial<Evidence>): number => fuseEvidence([evidence('a', given)])[0]?.score ?? -1;
  expect(scoreOf({ cosine: -0.2, lexical: 0.45 })).toBeGreaterThan(RELEVANT_SCORE);
  expect(scoreOf({ cosine: null, lexical: 0.3 })).toBeGreaterThan(RELEVANT_SCORE);
  expect(scoreOf({ cosine: 0.25 })).toBeLessThan(RELEVANT_SCORE);
  expect(scoreOf({ cosine: null, lexical: 0.02 })).toBeLessThan(RELEVANT_SCORE);
});

it('puts an equal name before all, then a rare identifier, and weighs a common one less', () => {
  const found = [
    evidence('meaning', { cosine: 0.75, lexical: 0.3 }),
    evidence('identifier', { cosine: 0.2, lexical: 0.3, identifierSpread: 1 }),
    evidence('common', { cosine: 0.2, lexical: 0.3, identifierSpread: 100 }),
    evidence('name', { cosine: 0, nameMatch: 1 }),
  ];
  expect(order(found)).toEqual(['name', 'meaning', 'identifier', 'common']);
  expect(order(found.map((one) => (one.id === 'meaning' ? { ...one, cosine: 0.5 } : one)))).toEqual([
    'name',
    'identifier',
    'meaning',
    'common',
  ]);
});

it('ranks one retriever by its own evidence only', () => {
  const found = [
    evidence('a', { cosine: 0.9, lexical: 0.1 }),
    evidence('b', { cosine: 0.1, lexical: 0.9, nameMatch: 1 }),
  ];
  expect(fuseEvidence(found, 'vector').map((hit) => hit.score)).toEqual([0.9, 0.1]);
  expect(fuseEvidence(found, 'lexical').map((hit) => hit.evidence.id)).toEqual(['b', 'a']);
  expect(fuseEvidence([])).toEqual([]);
});
