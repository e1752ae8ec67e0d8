import { formatDollars, parseDollars } from '../money.js';
import type { PriceBook } from '../prices/price-book.js';
import { CLIENT_PRICE_VERSION, priceRequest } from '../prices/price-request.js';
import type { PricedUsage } from '../usage.js';

/** The price of an entry, as columns of usage_entries: either the cost is known or the reason why it is not. */
export interface PriceColumns {
  /** US dollars, an exact decimal. */
  cost_usd: string | null;
  price_version: string;
  unpriced_reason: string | null;
}

/**
 * Prices an entry from its tokens. What an agent states that its requests cost is kept as it is stated: there is nothing
 * better to compute it from.
 */
export function priceEntry(usage: PricedUsage, isReport: boolean, book: PriceBook): PriceColumns {
  if (isReport && usage.clientCost !== null) {
    const cost_usd = formatDollars(parseDollars(usage.clientCost));
    return { cost_usd, price_version: CLIENT_PRICE_VERSION, unpriced_reason: null };
  }
  const { cost, priceVersion, reason } = priceRequest(usage, book);
  return {
    cost_usd: cost === null ? null : formatDollars(cost),
    price_version: priceVersion,
    unpriced_reason: reason,
  };
}
