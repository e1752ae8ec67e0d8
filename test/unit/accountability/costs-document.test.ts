// The examples of docs/costs.md are what they are said to be.
import { expect, test } from 'vitest';
import { openPriceBook } from '../../../src/accountability/prices/price-book.js';
import { parsePriceFile } from '../../../src/accountability/prices/price-file.js';
import { priceRequest } from '../../../src/accountability/prices/price-request.js';
import { usageRecord } from '../../support/ledger/usage-records.js';
import { readRepositoryFile } from '../../support/setup/repository-files.js';

const document = readRepositoryFile('docs/costs.md');
const example = /```json title="prices\.json"\n([\s\S]*?)```/.exec(document)?.[1] ?? '';

test('the price file is one, and prices what it says', () => {
  const { file, faults } = parsePriceFile(example);
  expect(faults).toEqual([]);
  const book = openPriceBook(file);
  const price = (change: Parameters<typeof usageRecord>[0]) =>
    priceRequest(usageRecord({ at: '2026-11-20T10:00:00.000Z', ...change }), book).cost;
  const million = 1_000_000;
  const dollars = (count: number) => BigInt(Math.round(count * 1e6)) * 1_000_000n;
  const house = { model: 'house-model-7', provider: null };
  expect(price({ ...house, tokens: { input: million, output: million } })).toBe(dollars(4.8));
  expect(price({ ...house, tokens: { cacheRead: million, cacheWrite5m: million, cacheWrite1h: million } })).toBe(
    dollars(0.08 + 1 + 1.6),
  );
  const aws = { model: 'anthropic.claude-opus-4-5-20251101-v1:0', provider: 'aws' };
  expect(price({ ...aws, tokens: { input: 300_000 } })).not.toBe(null);
  const azure = { model: 'claude-opus-4-5', provider: 'azure', tokens: { input: million } };
  const plain = priceRequest(usageRecord({ ...azure }), openPriceBook()).cost;
  if (plain !== null) expect(price(azure)).toBe((plain * 85n) / 100n);
});

test('so is the one in the help of popstash costs reprice', () => {
  const help = readRepositoryFile('src/cli/costs/costs-reprice.ts');
  const inHelp = /(\{"version": 1[\s\S]*?\n {2}\]\})/.exec(help)?.[1] ?? '';
  expect(parsePriceFile(inHelp)).toMatchObject({ faults: [], file: { rules: [{}, {}] } });
});

test('every field of a rule is explained', () => {
  for (const field of ['match', 'provider', 'from', 'above', 'per_mtok', 'multiplier']) {
    expect(document).toMatch(new RegExp(`^\\| \`${field}\` \\| `, 'm'));
  }
});
