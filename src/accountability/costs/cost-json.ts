import type { CostCoverage, CostReport, CostRow, CostTotal } from './cost-types.js';

/** A total as scripts read it. Dollars are exact decimals in text. */
function totalJson({ requests, tokens, costUsd, unpriced, grades }: CostTotal) {
  return {
    requests,
    tokens: {
      input: tokens.input,
      output: tokens.output,
      reasoning: tokens.reasoning,
      cache_read: tokens.cacheRead,
      cache_write_5m: tokens.cacheWrite5m,
      cache_write_1h: tokens.cacheWrite1h,
    },
    cost_usd: costUsd,
    unpriced,
    grades: Object.fromEntries(
      Object.entries(grades).map(([grade, sum]) => [grade, { requests: sum.requests, cost_usd: sum.costUsd }]),
    ),
  };
}

function rowJson({ key, ...total }: CostRow) {
  return { key, ...totalJson(total) };
}

/** How much is known, as scripts and tools have it. */
export function coverageJson({ sessions, withEvidence, reportedOnly, missing }: CostCoverage) {
  return { sessions, with_evidence: withEvidence, reported_only: reportedOnly, missing };
}

/** What `popstash costs --json` prints. */
export function reportJson({ timezone, rows, total, coverage }: CostReport) {
  return {
    currency: 'USD',
    timezone,
    rows: rows.map(rowJson),
    total: totalJson(total),
    coverage: coverageJson(coverage),
  };
}
