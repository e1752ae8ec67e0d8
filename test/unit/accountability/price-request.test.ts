import { describe, expect, it } from 'vitest';
import { formatDollars } from '../../../src/accountability/money.js';
import { openPriceBook } from '../../../src/accountability/prices/price-book.js';
import { type PriceFile, parsePriceFile } from '../../../src/accountability/prices/price-file.js';
import { priceRequest } from '../../../src/accountability/prices/price-request.js';
import { NO_TOKENS, type PricedUsage, type TokenCounts } from '../../../src/accountability/usage.js';

const book = openPriceBook();

function usage(change: Omit<Partial<PricedUsage>, 'tokens'> & { tokens?: Partial<TokenCounts> }): PricedUsage {
  return {
    model: 'claude-opus-4-5',
    provider: 'anthropic',
    at: '2026-11-20T10:00:00.000Z',
    iterations: null,
    webSearches: 0,
    serviceTier: 'standard',
    speed: 'standard',
    inferenceGeo: '',
    clientCost: null,
    ...change,
    tokens: { ...NO_TOKENS, ...change.tokens },
  };
}

function dollars(change: Parameters<typeof usage>[0], file: PriceFile | null = null): string | null {
  const { cost } = priceRequest(usage(change), file ? openPriceBook(file) : book);
  return cost === null ? null : formatDollars(cost);
}

function fileOf(...models: object[]): PriceFile {
  const parsed = parsePriceFile(JSON.stringify({ version: 1, models }));
  if (!parsed.file) throw new Error(parsed.faults.join('\n'));
  return parsed.file;
}

const million = { input: 1_000_000 };

describe('the price of a request', () => {
  it('prices each class of tokens, a cache write of one hour at twice the input', () => {
    const tokens = { input: 820, output: 179, cacheRead: 4500, cacheWrite5m: 300, cacheWrite1h: 700 };
    expect(dollars({ tokens })).toBe('0.0197');
  });

  it('prices the whole request at the premium when its prompt, caches included, exceeds the threshold', () => {
    const model = 'claude-sonnet-4-5-20250929';
    const tokens = { input: 1000, output: 1000, cacheRead: 199_000 };
    expect(dollars({ model, tokens })).toBe('0.0777');
    expect(dollars({ model, tokens: { ...tokens, cacheWrite5m: 1 } })).toBe('0.1479075');
  });

  it('prices by the day of the request, in UTC', () => {
    const tokens = { input: 300_000 };
    const of = (at: string) => dollars({ model: 'claude-opus-4-6', tokens, at });
    expect(of('2026-03-12T23:59:59.999Z')).toBe('3');
    expect(of('2026-03-13T00:00:00.000Z')).toBe('1.5');
  });

  it('applies a tier to each prompt of a request that ran as several', () => {
    const half = { ...NO_TOKENS, input: 150_000 };
    const model = 'claude-sonnet-4-5';
    expect(dollars({ model, tokens: { input: 300_000 } })).toBe('1.8');
    expect(dollars({ model, tokens: { input: 300_000 }, iterations: [half, half] })).toBe('0.9');
  });

  it('multiplies for fast mode, United States inference and batches, but never the searches', () => {
    expect(dollars({ model: 'claude-opus-4-6', speed: 'fast', tokens: million })).toBe('30');
    expect(dollars({ model: 'claude-opus-4.8', speed: 'fast', tokens: million })).toBe('10');
    expect(dollars({ inferenceGeo: 'us', tokens: million, webSearches: 100 })).toBe('6.5');
    expect(dollars({ serviceTier: 'batch', tokens: million })).toBe('2.5');
    expect(dollars({ model: 'gpt-5.4', provider: 'openai', serviceTier: 'flex', tokens: { output: 100 } })).toBe(
      '0.00075',
    );
  });

  it('prices web searches at $10 per 1,000', () => {
    expect(dollars({ webSearches: 3 })).toBe('0.03');
  });

  it('knows models that are newer than the snapshot', () => {
    expect(dollars({ model: 'claude-haiku-5-5', tokens: { input: 100_000 } })).toBe('0.01');
    expect(dollars({ model: 'claude-haiku-5-5', tokens: { input: 100_001 } })).toBe('0.0500005');
    expect(dollars({ model: 'claude-sonnet-5-5', at: '2026-10-06T12:00:00Z', tokens: { cacheRead: 1e6 } })).toBe('0.2');
    expect(dollars({ model: 'claude-sonnet-5-5', tokens: { cacheRead: 1e6 } })).toBe('0.1');
  });

  it.each([
    ['claude-opus-4-50', 'anthropic'],
    ['claude-opus-4-5-fast', 'anthropic'],
    ['claude-opus-4-5-20251341', 'anthropic'],
    ['claude-opus-4-5-preview', 'anthropic'],
    ['claude-opus-4', 'openai'],
    ['my-model', null],
    ['claude-opus-4-5', 'my-gateway'],
    ['', 'anthropic'],
  ])('does not guess a price for %s of %s', (model, provider) => {
    const price = priceRequest(usage({ model, provider, tokens: million }), book);
    expect(price).toMatchObject({ cost: null, reason: 'unknown-model', priceVersion: book.version });
    expect(price.hint).toContain('POPSTASH_PRICES');
  });

  it.each([
    ['claude-opus-4-5-20251101', 'anthropic', '5'],
    ['CLAUDE-OPUS-4-5-2025-11-01', 'firstParty', '5'],
    ['claude-opus-4-5[1m]', 'anthropic', '5'],
    ['claude-opus-4-5', null, '5'],
    ['claude-opus-4-5@20251101', 'vertex', '5'],
    ['claude-opus-4-6@default', 'google-vertex-anthropic', '10'],
    ['us.anthropic.claude-opus-4-5-20251101-v1:0', 'bedrock', '5.5'],
    ['global.anthropic.claude-opus-4-5-20251101-v1:0', null, '5'],
    ['arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.claude-opus-4-6-v1', 'aws', '5.5'],
    ['anthropic/claude-opus-4.5', 'openrouter', '5'],
    ['openai/gpt-5-2025-08-07', null, '1.25'],
    ['models/gemini-2.5-flash', 'gemini', '0.3'],
    ['gpt-5.2-codex', 'azure', '1.75'],
  ])('knows %s of %s', (model, provider, expected) => {
    expect(dollars({ model, provider, tokens: million, at: '2026-03-01T00:00:00Z' })).toBe(expected);
  });

  it('leaves unpriced what nobody published a price of', () => {
    const reason = (change: Parameters<typeof usage>[0]) => priceRequest(usage(change), book).reason;
    expect(reason({ model: null })).toBe('no-model');
    expect(reason({ serviceTier: 'priority' })).toBe('service-tier');
    expect(reason({ speed: 'fast' })).toBe('speed');
    expect(reason({ inferenceGeo: 'eu' })).toBe('geography');
    expect(reason({ model: 'gemini-2.5-pro', provider: 'google', webSearches: 1 })).toBe('web-search');
  });

  it('takes the figure of the client for what it cannot price itself', () => {
    const price = priceRequest(usage({ model: 'unknown', clientCost: '0.0123' }), book);
    expect(price).toMatchObject({ cost: 12_300_000_000n, priceVersion: 'client', reason: null });
    expect(dollars({ tokens: million, clientCost: '0.0123' })).toBe('5');
  });

  it('takes the file of the user first, and names its state in the price version', () => {
    const file = fileOf(
      { match: 'my-*', above: 1000, per_mtok: { input: '2', output: '4' } },
      { match: 'my-*', per_mtok: { input: 1, output: '2', cache_read: '0.1' }, multiplier: '0.5' },
      { match: 'claude-opus-*', provider: 'anthropic', from: '2026-11-20', multiplier: '0.8' },
    );
    expect(dollars({ model: 'My-Model', tokens: { input: 1000 } }, file)).toBe('0.0005');
    expect(dollars({ model: 'my-model', provider: 'x', tokens: { input: 1001 } }, file)).toBe('0.002002');
    expect(dollars({ model: 'my-model', speed: 'fast', tokens: { cacheRead: 1000 } }, file)).toBe('0.00005');
    expect(dollars({ model: 'claude-opus-4-5-20251101', tokens: million }, file)).toBe('4');
    expect(dollars({ tokens: million, at: '2026-11-19T23:00:00Z' }, file)).toBe('5');
    const priced = priceRequest(usage({}), openPriceBook(file));
    expect(priced.priceVersion).toBe(`${book.version}+${file.hash}`);
    expect(priceRequest(usage({ model: 'gpt-5', provider: 'openai' }), openPriceBook(file)).priceVersion).toBe(
      book.version,
    );
  });
});

describe('the faults of a price file', () => {
  const faultsOf = (value: unknown) => parsePriceFile(typeof value === 'string' ? value : JSON.stringify(value)).faults;

  it('are named in plain words, by place', () => {
    expect(faultsOf('{')[0]).toMatch(/^The file is not JSON/);
    expect(faultsOf({ version: 2, models: [] })).toEqual(['version: must be 1.']);
    const models = [
      { match: 'a', per_mtok: { input: 'x', output: '1' } },
      { match: 'b' },
      { match: 'c', per_mtok: { input: '-1', output: '1' }, from: 'soon' },
      { match: 'd', multiplier: '2', bonus: 1 },
    ];
    expect(faultsOf({ version: 1, models })).toEqual([
      'models[0].per_mtok.input: is not a decimal number of 0 or more, such as "1.25".',
      'models[1]: needs "per_mtok" or "multiplier".',
      'models[2].from: is not a date such as "2026-03-13".',
      'models[2].per_mtok.input: is not a decimal number of 0 or more, such as "1.25".',
      'models[3]: unknown "bonus".',
    ]);
  });

  it('include a rule that can never match', () => {
    const models = [
      { match: 'claude-*', multiplier: '1' },
      { match: 'claude-opus-5', multiplier: '2' },
    ];
    expect(faultsOf({ version: 1, models })[0]).toMatch(/^models\[1\] \("claude-opus-5"\) can never match/);
    expect(faultsOf({ version: 1, models: models.toReversed() })).toEqual([]);
  });
});
