import type { PricedModel } from './price-types.js';

/** Counts the changes of this file: part of the price version, so that an entry names the prices that it was made with. */
export const OWN_REVISION = 1;

const ANTHROPIC_PRICING = 'https://platform.claude.com/docs/en/about-claude/pricing';

/** A published factor on the price of tokens, and where and when it was read (stored copies of these pages). */
export interface PublishedFactor {
  factor: string;
  source: string;
  read: string;
}

/**
 * Models newer than the table's snapshot. Anthropic's page, read 2026-11-26 in a stored copy, and the price catalogue inside
 * @anthropic-ai/claude-code 2.1.328. Sonnet 5.5's cache reads fell from $0.20 on 2026-10-07; Haiku 5.5 is priced by prompt size.
 */
export const OWN_MODELS: readonly PricedModel[] = [
  {
    provider: 'anthropic',
    names: ['claude-sonnet-5-5', 'claude-sonnet-5.5'],
    periods: [
      {
        from: null,
        tiers: [{ above: 0, input: '2', output: '10', cache_read: '0.2', cache_write_5m: '2.5', cache_write_1h: '4' }],
        web_search: '10',
      },
      {
        from: '2026-10-07',
        tiers: [{ above: 0, input: '2', output: '10', cache_read: '0.1', cache_write_5m: '2.5', cache_write_1h: '4' }],
        web_search: '10',
      },
    ],
  },
  {
    provider: 'anthropic',
    names: ['claude-haiku-5-5', 'claude-haiku-5.5'],
    periods: [
      {
        from: null,
        tiers: [
          { above: 0, input: '0.1', output: '0.5', cache_read: '0.01', cache_write_5m: '0.125', cache_write_1h: '0.2' },
          {
            above: 100_000,
            input: '0.5',
            output: '2.5',
            cache_read: '0.05',
            cache_write_5m: '0.625',
            cache_write_1h: '1',
          },
        ],
        web_search: '10',
      },
    ],
  },
  {
    provider: 'anthropic',
    names: ['claude-fable-5-2', 'claude-mythos-5-2'],
    periods: [
      {
        from: null,
        tiers: [{ above: 0, input: '8', output: '40', cache_read: '0.2', cache_write_5m: '10', cache_write_1h: '16' }],
        web_search: '10',
      },
    ],
  },
  {
    provider: 'anthropic',
    names: ['claude-mythos-5'],
    periods: [
      {
        from: null,
        tiers: [{ above: 0, input: '10', output: '50', cache_read: '1', cache_write_5m: '12.5', cache_write_1h: '20' }],
        web_search: '10',
      },
    ],
  },
  {
    provider: 'anthropic',
    names: ['claude-mythos-5-1'],
    periods: [
      {
        from: null,
        tiers: [
          { above: 0, input: '10', output: '50', cache_read: '0.25', cache_write_5m: '12.5', cache_write_1h: '20' },
        ],
        web_search: '10',
      },
    ],
  },
];

/**
 * Fast mode multiplies all classes of tokens, on Anthropic's own API only, and stacks with the other factors:
 * six times for Opus 4.6 and 4.7, twice since Opus 4.8 ($10/$50 of $5/$25; Opus 5.5 $8/$40 of $4/$20).
 * Fable 5.2 and Mythos 5.2 ($16/$80 of $8/$40): the catalogue inside @anthropic-ai/claude-code 2.1.328.
 */
export const FAST_FACTORS: Readonly<Record<string, PublishedFactor>> = {
  'claude-opus-4-6': fast('6'),
  'claude-opus-4-7': fast('6'),
  'claude-opus-4-8': fast('2'),
  'claude-opus-5': fast('2'),
  'claude-opus-5-5': fast('2'),
  'claude-fable-5-2': fast('2'),
};

/** `inference_geo: "us"` costs 1.1 times on every class of tokens; "global" is the ordinary price. */
export const US_FACTOR: PublishedFactor = {
  factor: '1.1',
  source: 'https://platform.claude.com/docs/en/manage-claude/data-residency',
  read: '2026-11-26',
};

/** Batches cost half at both makers, and OpenAI's flex tier costs what its batches cost. */
export const SERVICE_TIER_FACTORS: Readonly<Record<string, Readonly<Record<string, PublishedFactor>>>> = {
  anthropic: { batch: { factor: '0.5', source: `${ANTHROPIC_PRICING}#batch-processing`, read: '2026-11-26' } },
  openai: {
    batch: { factor: '0.5', source: 'https://developers.openai.com/api/docs/guides/batch', read: '2026-11-26' },
    flex: {
      factor: '0.5',
      source: 'https://developers.openai.com/api/docs/guides/flex-processing',
      read: '2026-11-26',
    },
  },
};

/** Dollars per 1,000 web searches where a model's own price names none. */
export const WEB_SEARCH_PRICES: Readonly<Record<string, { price: string; source: string; read: string }>> = {
  anthropic: { price: '10', source: `${ANTHROPIC_PRICING}#web-search-tool`, read: '2026-11-26' },
  // The same for every model of the table that names one.
  openai: { price: '10', source: '@pydantic/genai-prices 0.1.8', read: '2026-11-26' },
};

function fast(factor: string): PublishedFactor {
  return { factor, source: 'https://platform.claude.com/docs/en/build-with-claude/fast-mode', read: '2026-11-26' };
}
