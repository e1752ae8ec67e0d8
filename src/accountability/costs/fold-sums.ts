import { formatDollars, parseDollars } from '../money.js';
import type { Grade } from '../usage.js';
import type { CostRow, CostTotal } from './cost-types.js';

/** A row of sums as pg gives it: bigint and numeric as text. */
export interface SumRow {
  key: string;
  grade: Grade;
  requests: string;
  unpriced: string;
  input_tokens: string;
  output_tokens: string;
  reasoning_tokens: string;
  cache_read_tokens: string;
  cache_write_5m_tokens: string;
  cache_write_1h_tokens: string;
  web_searches: string;
  cost_usd: string;
}

/** Folds rows by key and grade into one row a key, in their order, and a total. Exact: dollars are added as integers. */
export function foldSums(sums: readonly SumRow[]): { rows: CostRow[]; total: CostTotal } {
  const byKey = new Map<string, SumRow[]>();
  for (const sum of sums) {
    const rows = byKey.get(sum.key);
    if (rows) rows.push(sum);
    else byKey.set(sum.key, [sum]);
  }
  const rows = [...byKey].map(([key, parts]) => ({ key: key === '' ? null : key, ...foldTotal(parts) }));
  return { rows, total: foldTotal(sums) };
}

function foldTotal(sums: readonly SumRow[]): CostTotal {
  const add = (column: keyof SumRow) => sums.reduce((sum, row) => sum + Number(row[column]), 0);
  const grades: CostTotal['grades'] = {};
  for (const grade of new Set(sums.map((row) => row.grade))) {
    const parts = sums.filter((row) => row.grade === grade);
    grades[grade] = { requests: parts.reduce((sum, row) => sum + Number(row.requests), 0), costUsd: addCosts(parts) };
  }
  return {
    requests: add('requests'),
    tokens: {
      input: add('input_tokens'),
      output: add('output_tokens'),
      reasoning: add('reasoning_tokens'),
      cacheRead: add('cache_read_tokens'),
      cacheWrite5m: add('cache_write_5m_tokens'),
      cacheWrite1h: add('cache_write_1h_tokens'),
    },
    webSearches: add('web_searches'),
    costUsd: addCosts(sums),
    unpriced: add('unpriced'),
    grades,
  };
}

/** Null if none of the requests is priced. */
function addCosts(sums: readonly SumRow[]): string | null {
  if (!sums.some((row) => Number(row.requests) > Number(row.unpriced))) return null;
  return formatDollars(sums.reduce((sum, row) => sum + parseDollars(row.cost_usd), 0n));
}
