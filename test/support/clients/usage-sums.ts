import { type ModelStep, type ModelUsage, usageOf } from './model-script.js';
import type { CostsRow } from './real-client.js';

/** What an agent invents of its own usage. */
export const INVENTED = { tokens_in: 99_000_000, tokens_out: 88_000_000, model: 'claude-opus-4-5' };

const FIELDS = ['input', 'output', 'reasoning', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const;

/** What a scripted model said of its tokens, in all. */
export function sumSteps(steps: readonly ModelStep[]): ModelUsage {
  const usages = steps.map(usageOf);
  const sums = FIELDS.map((field) => [field, usages.reduce((sum, usage) => sum + usage[field], 0)]);
  return Object.fromEntries(sums) as Record<(typeof FIELDS)[number], number>;
}

/** The same of a row of `popstash costs --json`. */
export function tokensOf({ tokens }: CostsRow): ModelUsage {
  return {
    input: tokens.input,
    output: tokens.output,
    reasoning: tokens.reasoning,
    cacheRead: tokens.cache_read,
    cacheWrite5m: tokens.cache_write_5m,
    cacheWrite1h: tokens.cache_write_1h,
  };
}
