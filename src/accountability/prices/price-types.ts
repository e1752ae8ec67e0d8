/** Dollars per million tokens, as decimal strings. A class without a price of its own costs what plain input costs. */
export interface ClassPrices {
  input: string;
  output: string;
  cache_read?: string | undefined;
  cache_write_5m?: string | undefined;
  cache_write_1h?: string | undefined;
}

/** Prices of a request whose whole prompt, caches included, is larger than `above` tokens. All its tokens cost these. */
export interface PriceTier extends ClassPrices {
  above: number;
}

export interface PricePeriod {
  /** The first day, in UTC, on which these prices hold; null: since ever. */
  from: string | null;
  /** By rising `above`; the first has 0. */
  tiers: readonly PriceTier[];
  /** Dollars per 1,000 web searches. */
  web_search?: string;
}

export interface PricedModel {
  provider: string;
  /** The model in the source of the table. */
  id?: string;
  /** Lower-case names of the same model, without a date suffix. */
  names: readonly string[];
  /** By rising `from`. */
  periods: readonly PricePeriod[];
}

export interface PriceTable {
  /** The day on which the prices were taken. */
  snapshot: string;
  source: string;
  /** Resellers that charge the makers' prices for models that they name no price of. */
  fallbacks: Readonly<Record<string, readonly string[]>>;
  models: readonly PricedModel[];
}
