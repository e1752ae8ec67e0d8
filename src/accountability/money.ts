/**
 * Exact money: dollars as an integer of pico-dollars (1e-12 USD), the twelve decimals of the ledger's `numeric` column.
 * No floating-point number takes part anywhere. Every price published so far gives a whole number of pico-dollars a token.
 */
export type PicoDollars = bigint;

const PICO_DECIMALS = 12;

/** Bounds the exponent of a parsed number, so that `1e999999999` allocates nothing. */
const MAX_EXPONENT = 40;

/** A decimal number without a loss: `units / 10^scale`. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/**
 * Reads a decimal such as `5`, `0.025`, `-1.5` or `1e-7` (the form that JSON numbers take in JavaScript).
 * @throws RangeError if the text is no such number
 */
export function parseDecimal(text: string): Decimal {
  const parts = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  const exponent = Number(parts?.[4] ?? '0');
  if (!parts || Math.abs(exponent) > MAX_EXPONENT) throw new RangeError(`not a decimal number: ${text.slice(0, 60)}`);
  const fraction = parts[3] ?? '';
  const magnitude = BigInt(`${parts[2]}${fraction}`);
  const units = parts[1] === '-' ? -magnitude : magnitude;
  const scale = fraction.length - exponent;
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 };
}

/** The exact product of decimals. */
export function multiply(...factors: readonly Decimal[]): Decimal {
  return factors.reduce((a, b) => ({ units: a.units * b.units, scale: a.scale + b.scale }), { units: 1n, scale: 0 });
}

/** The exact sum of decimals. */
export function add(...terms: readonly Decimal[]): Decimal {
  const scale = Math.max(0, ...terms.map((term) => term.scale));
  const units = terms.reduce((sum, term) => sum + term.units * 10n ** BigInt(scale - term.scale), 0n);
  return { units, scale };
}

/** Rounds dollars to pico-dollars, halves to even, so that many roundings do not drift to one side. */
export function toPicoDollars({ units, scale }: Decimal): PicoDollars {
  if (scale <= PICO_DECIMALS) return units * 10n ** BigInt(PICO_DECIMALS - scale);
  const divisor = 10n ** BigInt(scale - PICO_DECIMALS);
  const magnitude = units < 0n ? -units : units;
  const quotient = magnitude / divisor;
  const twice = (magnitude % divisor) * 2n;
  const isUp = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  const rounded = isUp ? quotient + 1n : quotient;
  return units < 0n ? -rounded : rounded;
}

/**
 * Reads dollars such as `0.0197` or PostgreSQL's `0.019700000000`.
 * @throws RangeError if the text is no decimal number
 */
export function parseDollars(text: string): PicoDollars {
  return toPicoDollars(parseDecimal(text));
}

/** Dollars as the shortest exact decimal: `0.0197`, `12`, `-0.5`. */
export function formatDollars(pico: PicoDollars): string {
  const sign = pico < 0n ? '-' : '';
  const digits = (pico < 0n ? -pico : pico).toString().padStart(PICO_DECIMALS + 1, '0');
  const fraction = digits.slice(-PICO_DECIMALS).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -PICO_DECIMALS)}${fraction ? `.${fraction}` : ''}`;
}
