import { calcPrice } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { openPriceBook } from '../../../src/accountability/prices/price-book.js';
import priceTable from '../../../src/accountability/prices/price-table.json' with { type: 'json' };
import type { PriceTable } from '../../../src/accountability/prices/price-types.js';

const table: PriceTable = priceTable;

const CLASSES = {
  input: 'input_mtok',
  output: 'output_mtok',
  cache_read: 'cache_read_mtok',
  cache_write_5m: 'cache_write_mtok',
  cache_write_1h: 'cache_write_1h_mtok',
} as const;

type Price = number | { base: number; tiers: { start: number; price: number }[] } | undefined;

/** The price of a class for a prompt one token larger than `above`, as genai-prices counts. */
function theirs(price: Price, above: number): string | undefined {
  if (price === undefined || typeof price === 'number') return price === undefined ? undefined : String(price);
  return String(price.tiers.filter(({ start }) => above + 1 > start).at(-1)?.price ?? price.base);
}

describe('the price table', () => {
  it('says what genai-prices says: every model, name, day, tier and class', () => {
    let compared = 0;
    for (const { provider, id = '', names, periods } of table.models) {
      for (const name of names) {
        // Bedrock's names carry a version and a date, which ours do not.
        const asked = provider === 'aws' ? id.replace(/^regional\./, 'us.') : name;
        for (const { from, tiers, web_search } of periods) {
          const timestamp = new Date(from ?? '2000-01-01');
          const found = calcPrice({ input_tokens: 0 }, asked, { providerId: provider, timestamp });
          expect(found?.model.id, `${provider} ${name}`).toBe(id);
          const price = found?.model_price as Record<string, Price>;
          for (const tier of tiers) {
            for (const [ours, key] of Object.entries(CLASSES)) {
              const expected = theirs(price[key], tier.above);
              const actual = tier[ours as keyof typeof CLASSES];
              // Anthropic's rule fills in what the list of a reseller leaves out.
              const isDerived = ours === 'cache_write_1h' && expected === undefined && actual !== undefined;
              expect(isDerived ? Number(tier.input) * 2 : actual, `${provider} ${name} ${from} ${ours}`).toEqual(
                isDerived ? Number(actual) : expected,
              );
              compared += 1;
            }
          }
          expect(web_search, name).toBe(theirs(price.web_searches_kcount, 0));
          // Each tier of theirs is one of ours.
          const starts = Object.values(CLASSES).flatMap((key) => {
            const value = price[key];
            return typeof value === 'object' ? value.tiers.map(({ start }) => start) : [];
          });
          expect(tiers.map(({ above }) => above)).toEqual([...new Set([0, ...starts])].sort((a, b) => a - b));
        }
      }
    }
    expect(compared).toBeGreaterThan(1000);
  });

  it('prices each day as genai-prices does', () => {
    for (const { provider, id = '', names, periods } of table.models) {
      for (const { from } of periods) {
        if (from === null) continue;
        for (const days of [-1, 0]) {
          const timestamp = new Date(Date.parse(from) + days * 86_400_000);
          const name = names[0] ?? '';
          const model = openPriceBook().identify(name, provider).model;
          const day = timestamp.toISOString().slice(0, 10);
          const period = model?.periods.findLast((one) => one.from === null || one.from <= day);
          const asked = provider === 'aws' ? id.replace(/^regional\./, 'us.') : name;
          const price = calcPrice({ input_tokens: 0 }, asked, { providerId: provider, timestamp })?.model_price;
          expect(period?.tiers[0]?.input, `${name} ${day}`).toBe(theirs(price?.input_mtok as Price, 0));
        }
      }
    }
  });

  it('covers the models of the three makers, and has rising tiers and days', () => {
    for (const name of ['claude-opus-5-5', 'claude-sonnet-5', 'claude-haiku-4-5']) {
      expect(openPriceBook().identify(name, 'anthropic').model, name).toBeDefined();
    }
    for (const name of ['gpt-6-sol', 'gpt-5.3-codex', 'o3']) {
      expect(openPriceBook().identify(name, 'openai').model, name).toBeDefined();
    }
    expect(openPriceBook().identify('gemini-3.8-flash', 'google').model).toBeDefined();
    for (const { names, periods } of table.models) {
      const days = periods.map(({ from }) => from ?? '');
      expect(days, names[0]).toEqual([...days].sort());
      for (const { tiers } of periods) expect(tiers[0]?.above).toBe(0);
    }
  });
});
