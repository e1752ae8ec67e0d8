import { parseDollars } from '../../accountability/money.js';

/** Decimals of an amount on a screen. */
export type CentDecimals = 2 | 4;

const PICO_DECIMALS = 12;
const THOUSAND = 1_000;

/** `1,234,567` */
export function groupDigits(count: number | bigint): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A count in at most five characters: `999`, `1.2k`, `13.9M`, `139M`, `2.1G`. */
export function shortCount(count: number): string {
  if (count < THOUSAND) return String(count);
  let value = count;
  let unit = '';
  for (const next of ['k', 'M', 'G', 'T']) {
    value /= THOUSAND;
    unit = next;
    // 999,960 is 1.0M, not 1000.0k.
    if (Number(value.toFixed(value < 99.95 ? 1 : 0)) < THOUSAND) break;
  }
  return `${value.toFixed(value < 99.95 ? 1 : 0)}${unit}`;
}

/**
 * Dollars rounded for a screen: `1,234.50`. What rounds to nothing is `<0.01`. Exact until it is rounded.
 * @param dollars an exact decimal
 */
export function showDollars(dollars: string, decimals: CentDecimals): string {
  const pico = parseDollars(dollars);
  const unit = 10n ** BigInt(PICO_DECIMALS - decimals);
  const rounded = (pico + unit / 2n) / unit;
  if (rounded === 0n && pico > 0n) return `<0.${'0'.repeat(decimals - 1)}1`;
  const digits = rounded.toString().padStart(decimals + 1, '0');
  return `${groupDigits(BigInt(digits.slice(0, -decimals)))}.${digits.slice(-decimals)}`;
}

/** Cents, or hundredths of cents where all amounts are below a dollar: else small ones could not be told apart. */
export function chooseDecimals(amounts: readonly (string | null)[]): CentDecimals {
  const dollar = 10n ** BigInt(PICO_DECIMALS);
  return amounts.some((amount) => amount !== null && parseDollars(amount) >= dollar) ? 2 : 4;
}

/** `1 request`, `1,200 requests` */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${groupDigits(count)} ${count === 1 ? one : many}`;
}
