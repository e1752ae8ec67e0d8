// @ts-check
// What every benchmark shares: one line a figure, and ratios of interleaved rounds.

/**
 * Prints a figure as `name  value  target`, columns two or more spaces apart; scripts/bench.mjs collects these lines.
 * @param {string} name begins with the figure's number in docs/trials-and-figures.md: `P1 insight p50 ÷ raw`
 * @param {number | string} value
 * @param {string} target `≤ 1.6`; `-` when there is none
 */
export function report(name, value, target) {
  const text = typeof value === 'number' ? formatNumber(value) : value;
  console.log(`${name.padEnd(52)}  ${text.padStart(10)}  ${target}`);
}

/** @param {number} value */
function formatNumber(value) {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(value < 1 ? 3 : 2);
}

/**
 * @param {readonly number[]} values
 * @param {number} share 0 to 1
 */
export function percentile(values, share) {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

/** @param {readonly number[]} values */
export function median(values) {
  return percentile(values, 0.5);
}

/**
 * Alternates the sides, A B A B …, so that a noisy machine is noisy for all; the first round of each is not counted.
 * @param {Record<string, () => Promise<unknown>>} sides each one round
 * @param {number} rounds
 * @returns {Promise<Record<string, number[]>>} ms a round
 */
export async function interleave(sides, rounds) {
  /** @type {Record<string, number[]>} */
  const times = {};
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, work] of Object.entries(sides)) {
      const start = performance.now();
      await work();
      const elapsed = performance.now() - start;
      times[name] ??= [];
      if (round >= 0) times[name].push(elapsed);
    }
  }
  return times;
}
