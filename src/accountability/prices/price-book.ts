import { LRUCache } from 'lru-cache';
import { identifyModel, type ModelName } from './identify-model.js';
import { OWN_MODELS, OWN_REVISION } from './own-prices.js';
import type { PriceFile } from './price-file.js';
import priceTable from './price-table.json' with { type: 'json' };
import type { PricedModel, PricePeriod, PriceTable, PriceTier } from './price-types.js';

/** All prices that a request may be priced with: the table that ships, our own additions, and the user's file. */
export interface PriceBook {
  /** Names the state of the built-in prices, such as `2026-09-23.1`: snapshot and revision of our additions. */
  version: string;
  file: PriceFile | null;
  /** A model's names in the price table, and its price list if one of them is known. */
  identify(model: string, provider: string | null): KnownModel;
}

export interface KnownModel {
  names: readonly ModelName[];
  model: PricedModel | undefined;
}

/** Few models are in use at a time, and each is asked for with every request. */
const MAX_KNOWN = 200;

/** Opens the built-in prices, with the user's file over them if there is one. */
export function openPriceBook(file: PriceFile | null = null, table: PriceTable = priceTable): PriceBook {
  const models = new Map<string, PricedModel>();
  // Our own additions do not replace a model of the table: a newer snapshot knows better.
  for (const model of [...table.models, ...OWN_MODELS]) {
    for (const name of model.names) {
      const key = keyOf(model.provider, name);
      if (!models.has(key)) models.set(key, model);
    }
  }
  const known = new LRUCache<string, KnownModel>({ max: MAX_KNOWN });
  return {
    version: `${table.snapshot}.${OWN_REVISION}`,
    file,
    identify(model, provider) {
      const key = JSON.stringify([model, provider]);
      const cached = known.get(key);
      if (cached) return cached;
      const names = identifyModel(model, provider);
      const found = { names, model: findModel(models, table, names) };
      known.set(key, found);
      return found;
    },
  };
}

function findModel(
  models: ReadonlyMap<string, PricedModel>,
  { fallbacks }: PriceTable,
  names: readonly ModelName[],
): PricedModel | undefined {
  for (const { provider, name } of names) {
    for (const seller of [provider, ...(fallbacks[provider] ?? [])]) {
      const model = models.get(keyOf(seller, name));
      if (model) return model;
    }
  }
  return undefined;
}

/** The prices of a day (`YYYY-MM-DD` in UTC). */
export function findPeriod(model: PricedModel, day: string): PricePeriod | undefined {
  return model.periods.findLast(({ from }) => from === null || day >= from);
}

/** The prices of a prompt of `totalInput` tokens: the whole request costs those of the largest size that it exceeds. */
export function findTier(period: PricePeriod, totalInput: number): PriceTier | undefined {
  return period.tiers.findLast(({ above }) => above === 0 || totalInput > above);
}

function keyOf(provider: string, name: string): string {
  return `${provider} ${name}`;
}
