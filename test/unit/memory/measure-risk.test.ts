import { expect, it } from 'vitest';
import { measureRisk } from '../../../src/memory/evaluation/measure-risk.js';

it('counts which questions a threshold refuses', () => {
  const risk = measureRisk([0.9, 0.8, 0.3, 0.2], [0.1, 0.34, 0.5, 0], 0.35);
  expect(risk).toMatchObject({
    answerable: 4,
    unanswerable: 4,
    at: { answerable_refused: 0.5, unanswerable_refused: 0.75 },
  });
  expect(risk.curve[0]).toEqual({ score: 0.1, answerable_refused: 0, unanswerable_refused: 0.25 });
  const shares = risk.curve.map((point) => point.answerable_refused ?? -1);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
});

it('has no share of no questions', () => {
  expect(measureRisk([0.9], [], 0.35).at).toEqual({ score: 0.35, answerable_refused: 0, unanswerable_refused: null });
});
