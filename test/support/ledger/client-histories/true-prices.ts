import { type TokenCounts, totalInput } from '../../../../src/accountability/usage.js';

/** Micro-dollars per million tokens, which are pico-dollars a token: whole numbers, apart from the table under test. */
interface Rates {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
}

const rates = (
  input: number,
  output: number,
  cacheRead: number,
  cacheWrite5m = input,
  cacheWrite1h = cacheWrite5m,
): Rates => {
  const micro = (dollars: number) => Math.round(dollars * 1_000_000);
  return {
    input: micro(input),
    output: micro(output),
    cacheRead: micro(cacheRead),
    cacheWrite5m: micro(cacheWrite5m),
    cacheWrite1h: micro(cacheWrite1h),
  };
};

/** Published prices of the models that histories use: plain, and for prompts above a size. */
const TRUE_PRICES: Readonly<
  Record<string, { plain: Rates; above?: number; long?: Rates; fast?: number; hasGeo?: true }>
> = {
  'claude-opus-4-5-20251101': { plain: rates(5, 25, 0.5, 6.25, 10) },
  'claude-opus-4-7': { plain: rates(5, 25, 0.5, 6.25, 10), fast: 6, hasGeo: true },
  'claude-opus-4-8': { plain: rates(5, 25, 0.5, 6.25, 10), fast: 2, hasGeo: true },
  'claude-haiku-4-5-20251001': { plain: rates(1, 5, 0.1, 1.25, 2) },
  'claude-sonnet-4-5-20250929': {
    plain: rates(3, 15, 0.3, 3.75, 6),
    above: 200_000,
    long: rates(6, 22.5, 0.6, 7.5, 12),
  },
  'gpt-5.2-codex': { plain: rates(1.75, 14, 0.175) },
  'gpt-5.4': { plain: rates(2.5, 15, 0.25), above: 271_999, long: rates(5, 22.5, 0.5) },
  'gemini-2.5-pro': { plain: rates(1.25, 10, 0.125), above: 200_000, long: rates(2.5, 15, 0.25) },
};

const SEARCH = 10_000_000_000n;

/** The exact cost of a request in pico-dollars, by integers alone; null for a model without a price. */
export function trueCost(
  model: string,
  prompts: readonly TokenCounts[],
  { searches = 0, isFast = false, isUs = false }: { searches?: number; isFast?: boolean; isUs?: boolean } = {},
): bigint | null {
  const price = TRUE_PRICES[model];
  if (!price) return null;
  let total = 0n;
  for (const tokens of prompts) {
    const isLong = price.above !== undefined && price.long !== undefined && totalInput(tokens) > price.above;
    const rate = isLong && price.long ? price.long : price.plain;
    for (const key of ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const) {
      total += BigInt(tokens[key]) * BigInt(rate[key]);
    }
  }
  if (isFast) total *= BigInt(price.fast ?? 0);
  // Rates of one sixth of a micro-dollar do not occur: elevenths of ten always divide.
  if (isUs) total = (total * 11n) / 10n;
  return total + BigInt(searches) * SEARCH;
}
