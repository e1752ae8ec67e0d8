import type { ModelName } from './identify-model.js';
import { OWN_MODELS, OWN_REVISION } from './own-prices.js';
import type { PriceFile } from './price-file.js';
import priceTable from './price-table.json' with { type: 'json' };
import type { PricedModel, PricePeriod, PriceTable, PriceTier } from './price-types.js';

/** All prices that a request may be priced with: the table that ships, our own additions, and the user's file. */
export interface PriceBook {
  /** Names the state of the built-in prices, such as `2026-09-23.1`: snapshot and revision of our additions. */
  version: string;
  file: PriceFile | null;
  /** The model's price list under the first of the names that is known. */
  find(names: readonly ModelName[]): PricedModel | undefined;
}

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
  return {
    version: `${table.snapshot}.${OWN_REVISION}`,
    file,
    find(names) {
      for (const { provider, name } of names) {
        for (const seller of [provider, ...(table.fallbacks[provider] ?? [])]) {
          const model = models.get(keyOf(seller, name));
          if (model) return model;
        }
      }
      return undefined;
    },
  };
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
