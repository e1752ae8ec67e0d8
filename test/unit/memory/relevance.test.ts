// What counts as relevant, by evidence as the model gives it for real notes: a bound that no tuning may cross unseen.
import { expect, test } from 'vitest';
import { type Evidence, fuseEvidence, RELEVANT_SCORE } from '../../../src/memory/search/fuse-evidence.js';

function best(evidence: Partial<Evidence>): number {
  const whole = {
    kind: 'insight',
    id: 'insight_1',
    cosine: null,
    lexical: 0,
    coverage: 0,
    nameMatch: 0,
    identifierSpread: 0,
    words: [],
    ...evidence,
  };
  return fuseEvidence([whole as Evidence], { knownShare: 1 })[0]?.score ?? 0;
}

test.each([
  ['a paraphrase without a shared word: "how do users log in?" of a note on signed web tokens', { cosine: 0.296 }],
  ['a general question: "how do we handle authentication in this project" of a note on Guardian', { cosine: 0.334 }],
  ['words alone, before the vector exists', { cosine: null, lexical: 0.2 }],
])('relevant: %s', (_what, evidence) => {
  expect(best(evidence)).toBeGreaterThanOrEqual(RELEVANT_SCORE);
});

test.each([
  ['another world: a party budget of a note on API errors', { cosine: 0.02 }],
  ['one common word and little meaning', { cosine: 0.12, lexical: 0.05 }],
])('not relevant: %s', (_what, evidence) => {
  expect(best(evidence)).toBeLessThan(RELEVANT_SCORE);
});
