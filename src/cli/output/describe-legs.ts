import type { Metrics } from '../../memory/evaluation/metrics.js';
import type { Retriever } from '../../memory/search/search-types.js';

const NAMES = ['hit@1', 'hit@5', 'R@5', 'MRR@10', 'nDCG@10'] as const;

/** The figures of each retriever, as the lines of a table. */
export function describeLegs(legs: Record<Retriever, Metrics>): string[] {
  const row = (retriever: Retriever): string =>
    [retriever.padEnd(10), ...NAMES.map((name) => legs[retriever][name].toFixed(4).padStart(8))].join('');
  return [
    ['retriever'.padEnd(10), ...NAMES.map((name) => name.padStart(8))].join(''),
    row('lexical'),
    row('vector'),
    row('hybrid'),
  ];
}
