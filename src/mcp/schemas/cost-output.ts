import * as z from 'zod';
import type { CostTotal } from '../../accountability/costs/cost-types.js';
import { GRADES } from '../../accountability/usage.js';

/** Tokens and dollars of a total. `unpriced` requests are not in `cost_usd`. */
export const costTotal = z.object({
  tokens_in: z.number(),
  tokens_out: z.number(),
  cost_usd: z.number().nullable(),
  unpriced: z.int().optional(),
});

/** As `coverage`: in every answer. */
export const grade = z.string().nullable().optional();

/** Sessions of clients, and of how many anything is known. In every answer; optional so that the list of tools leaves it out. */
export const coverage = z
  .object({ sessions: z.int(), with_evidence: z.int(), reported_only: z.int(), missing: z.int() })
  .optional();

/** Tokens read from and written to a cache count as input. */
export function presentTotal(total: CostTotal): z.input<typeof costTotal> {
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = total.tokens;
  return {
    tokens_in: input + cacheRead + cacheWrite5m + cacheWrite1h,
    tokens_out: output,
    cost_usd: presentDollars(total),
    unpriced: total.unpriced || undefined,
  };
}

export function presentDollars({ costUsd }: CostTotal): number | null {
  return costUsd === null ? null : Number(costUsd);
}

/** The least evidence that a total rests on; null if there is none. */
export function presentGrade({ grades }: CostTotal): string | null {
  return GRADES.findLast((name) => grades[name] !== undefined) ?? null;
}
