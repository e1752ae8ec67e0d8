/** Means over the queries that have a relevant document, each 0 to 1. */
export interface Metrics {
  'hit@1': number;
  'hit@5': number;
  'R@5': number;
  'MRR@10': number;
  'nDCG@10': number;
}

const METRICS = ['hit@1', 'hit@5', 'R@5', 'MRR@10', 'nDCG@10'] as const;

/**
 * Scores one ranking.
 * @param ranked ids, best first, each once
 * @param relevant ids and their grade (gain), above 0
 */
export function scoreRanking(ranked: readonly string[], relevant: ReadonlyMap<string, number>): Metrics {
  const found = ranked.slice(0, 10).map((id) => relevant.get(id) ?? 0);
  const first = found.findIndex((grade) => grade > 0);
  const ideal = [...relevant.values()].sort((a, b) => b - a).slice(0, 10);
  const inFive = found.slice(0, 5).filter((grade) => grade > 0).length;
  return {
    'hit@1': first === 0 ? 1 : 0,
    'hit@5': inFive > 0 ? 1 : 0,
    'R@5': relevant.size === 0 ? 0 : inFive / relevant.size,
    'MRR@10': first < 0 ? 0 : 1 / (first + 1),
    'nDCG@10': ideal.length === 0 ? 0 : discounted(found) / discounted(ideal),
  };
}

function discounted(gains: readonly number[]): number {
  return gains.reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0);
}

export function meanMetrics(all: readonly Metrics[]): Metrics {
  const mean = (name: (typeof METRICS)[number]): number =>
    all.length === 0 ? 0 : all.reduce((sum, one) => sum + one[name], 0) / all.length;
  return {
    'hit@1': mean('hit@1'),
    'hit@5': mean('hit@5'),
    'R@5': mean('R@5'),
    'MRR@10': mean('MRR@10'),
    'nDCG@10': mean('nDCG@10'),
  };
}

/**
 * How well a score tells two groups apart: the chance that one with an answer scores above one without, ties half.
 * @returns null when either group is empty
 */
export function auroc(withAnswer: readonly number[], without: readonly number[]): number | null {
  if (withAnswer.length === 0 || without.length === 0) return null;
  let won = 0;
  for (const one of withAnswer) for (const other of without) won += one > other ? 1 : one === other ? 0.5 : 0;
  return won / (withAnswer.length * without.length);
}

/** The value below which the given share lies; 0 of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
