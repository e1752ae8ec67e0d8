import { type Decimal, parseDecimal } from '../money.js';
import type { PricedUsage } from '../usage.js';
import type { ModelName } from './identify-model.js';
import { FAST_FACTORS, SERVICE_TIER_FACTORS, US_FACTOR } from './own-prices.js';

/** Why a request has no price. */
export type UnpricedReason = 'no-model' | 'unknown-model' | 'service-tier' | 'speed' | 'geography' | 'web-search';

/** Values that mean the ordinary price; providers also send an empty string where the field does not apply. */
const ORDINARY_TIERS = new Set(['', 'standard', 'default', 'auto']);
const ORDINARY_SPEEDS = new Set(['', 'standard']);
const ORDINARY_GEOS = new Set(['', 'global', 'not_available']);

/**
 * The factors on the price of a request's tokens, or which of them is not published.
 * @param name the seller, and the first name of the model in the price table
 * @param isStated the user stated this model's prices: what nobody published is then taken to be in them
 */
export function findFactors(
  usage: PricedUsage,
  name: ModelName,
  isStated: boolean,
): { factors: Decimal[] } | { reason: UnpricedReason; hint: string } {
  const provider = name.provider;
  const tier = usage.serviceTier ?? '';
  const speed = usage.speed ?? '';
  const geo = usage.inferenceGeo ?? '';
  const wanted: { isOrdinary: boolean; factor: string | undefined; reason: UnpricedReason; what: string }[] = [
    {
      isOrdinary: ORDINARY_TIERS.has(tier),
      factor: SERVICE_TIER_FACTORS[provider]?.[tier]?.factor,
      reason: 'service-tier',
      what: `service tier "${tier}"`,
    },
    {
      isOrdinary: ORDINARY_SPEEDS.has(speed),
      factor: speed === 'fast' && provider === 'anthropic' ? FAST_FACTORS[name.name]?.factor : undefined,
      reason: 'speed',
      what: `speed "${speed}"`,
    },
    {
      isOrdinary: ORDINARY_GEOS.has(geo),
      factor: geo === 'us' && provider === 'anthropic' ? US_FACTOR.factor : undefined,
      reason: 'geography',
      what: `inference in "${geo}"`,
    },
  ];
  const factors: Decimal[] = [];
  for (const { isOrdinary, factor, reason, what } of wanted) {
    if (isOrdinary) continue;
    if (factor !== undefined) factors.push(parseDecimal(factor));
    else if (!isStated)
      return {
        reason,
        hint: `No price is published for ${what} of model "${usage.model}". State its prices in the file that POPSTASH_PRICES names.`,
      };
  }
  return { factors };
}
