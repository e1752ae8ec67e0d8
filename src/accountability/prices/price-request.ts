import { add, type Decimal, multiply, type PicoDollars, parseDecimal, parseDollars, toPicoDollars } from '../money.js';
import { type PricedUsage, type TokenCounts, totalInput } from '../usage.js';
import { findFactors, type UnpricedReason } from './find-factors.js';
import { type ModelName, normalizeProvider } from './identify-model.js';
import { WEB_SEARCH_PRICES } from './own-prices.js';
import { findPeriod, findTier, type PriceBook } from './price-book.js';
import { findRule } from './price-file.js';
import type { ClassPrices, PricedModel } from './price-types.js';

/** What a request costs, exactly, and with which prices; or that its price is not known, why, and what to do. */
export type RequestPrice =
  | { cost: PicoDollars; priceVersion: string; reason: null; hint: null }
  | { cost: null; priceVersion: string; reason: UnpricedReason; hint: string };

/** The price version of a request that only its client's own figure prices. */
export const CLIENT_PRICE_VERSION = 'client';

const NO_NAME: ModelName = { provider: '', name: '' };
const MILLIONTH: Decimal = { units: 1n, scale: 6 };
const THOUSANDTH: Decimal = { units: 1n, scale: 3 };

/**
 * Prices one request: user's file, then the built-in prices of its day, then what its client says. The result depends on
 * nothing but the arguments, so that entries can be priced again later. Unknown is null, never 0.
 */
export function priceRequest(usage: PricedUsage, book: PriceBook): RequestPrice {
  const price = priceByBook(usage, book);
  if (price.cost !== null || usage.clientCost === null) return price;
  return { cost: parseDollars(usage.clientCost), priceVersion: CLIENT_PRICE_VERSION, reason: null, hint: null };
}

function priceByBook(usage: PricedUsage, book: PriceBook): RequestPrice {
  if (usage.model === null) return unpriced(book, 'no-model', 'The evidence names no model.');
  const { names, model } = book.identify(usage.model, usage.provider);
  const day = usage.at.slice(0, 10);
  const prompts = usage.iterations !== null && usage.iterations.length > 1 ? usage.iterations : [usage.tokens];
  const costs: Decimal[] = [];
  let priceVersion = book.version;
  for (const tokens of prompts) {
    const found = findPrices(usage, tokens, { names, model, day, book });
    if (!found) return unpriced(book, 'unknown-model', describeUnknown(usage));
    const factors = findFactors(usage, canonicalName(names, model), found.isStated);
    if ('reason' in factors) return unpriced(book, factors.reason, factors.hint);
    costs.push(multiply(priceTokens(tokens, found.prices), ...factors.factors, ...found.multipliers));
    if (found.isOfFile && book.file) priceVersion = `${book.version}+${book.file.hash}`;
  }
  if (usage.webSearches > 0) {
    const price = findSearchPrice(names, model, day);
    if (!price) return unpriced(book, 'web-search', `No price of web searches is known for ${usage.model}.`);
    costs.push(multiply({ units: BigInt(usage.webSearches), scale: 0 }, parseDecimal(price), THOUSANDTH));
  }
  return { cost: toPicoDollars(add(...costs)), priceVersion, reason: null, hint: null };
}

interface FoundPrices {
  prices: ClassPrices;
  multipliers: Decimal[];
  /** A rule of the user's file took part. */
  isOfFile: boolean;
  /** The user stated the prices: factors that nobody published do not void them. */
  isStated: boolean;
}

function findPrices(
  usage: PricedUsage,
  tokens: TokenCounts,
  {
    names,
    model,
    day,
    book,
  }: { names: readonly ModelName[]; model: PricedModel | undefined; day: string; book: PriceBook },
): FoundPrices | undefined {
  const size = totalInput(tokens);
  const period = model && findPeriod(model, day);
  const builtIn = period && findTier(period, size);
  const rule =
    book.file &&
    findRule(book.file, { names: withRaw(usage, names), providers: providersOf(usage, names), day, totalInput: size });
  const prices = rule?.per_mtok ? rule.per_mtok : builtIn;
  if (!prices) return undefined;
  const multipliers = rule?.multiplier === undefined ? [] : [parseDecimal(rule.multiplier)];
  return { prices, multipliers, isOfFile: Boolean(rule), isStated: rule?.per_mtok !== undefined };
}

const rateCache = new WeakMap<ClassPrices, [keyof TokenCounts, Decimal][]>();

/** Dollars a token of each class. */
function ratesOf(prices: ClassPrices): [keyof TokenCounts, Decimal][] {
  const cached = rateCache.get(prices);
  if (cached) return cached;
  const write5m = prices.cache_write_5m ?? prices.input;
  const rate = (price: string) => multiply(parseDecimal(price), MILLIONTH);
  const rates: [keyof TokenCounts, Decimal][] = [
    ['input', rate(prices.input)],
    ['output', rate(prices.output)],
    ['cacheRead', rate(prices.cache_read ?? prices.input)],
    ['cacheWrite5m', rate(write5m)],
    ['cacheWrite1h', rate(prices.cache_write_1h ?? write5m)],
  ];
  rateCache.set(prices, rates);
  return rates;
}

function priceTokens(tokens: TokenCounts, prices: ClassPrices): Decimal {
  return add(...ratesOf(prices).map(([key, rate]) => multiply({ units: BigInt(tokens[key]), scale: 0 }, rate)));
}

/** Aliases of one model share its factors. */
function canonicalName(names: readonly ModelName[], model: PricedModel | undefined): ModelName {
  const { provider, name } = names.at(-1) ?? NO_NAME;
  return { provider, name: model?.names[0] ?? name };
}

function findSearchPrice(names: readonly ModelName[], model: PricedModel | undefined, day: string): string | undefined {
  const own = model && findPeriod(model, day)?.web_search;
  return own ?? WEB_SEARCH_PRICES[model?.provider ?? names[0]?.provider ?? '']?.price;
}

/** A rule may name the model as the client writes it. */
function withRaw(usage: PricedUsage, names: readonly ModelName[]): ModelName[] {
  const raw = { provider: usage.provider ?? '', name: usage.model?.trim().toLowerCase() ?? '' };
  return [raw, ...names];
}

function providersOf(usage: PricedUsage, names: readonly ModelName[]): string[] {
  const own = usage.provider === null ? [] : [usage.provider.toLowerCase(), normalizeProvider(usage.provider)];
  return [...own, ...names.map(({ provider }) => provider)];
}

function unpriced(book: PriceBook, reason: UnpricedReason, hint: string): RequestPrice {
  return { cost: null, priceVersion: book.version, reason, hint };
}

function describeUnknown({ model, provider }: PricedUsage): string {
  const seller = provider === null ? '' : ` of provider "${provider}"`;
  const rule = JSON.stringify({ match: model, per_mtok: { input: '…', output: '…' } });
  return `No price is known for model "${model}"${seller}. Add ${rule} to the file that POPSTASH_PRICES names, then run "popstash costs reprice".`;
}
