import { ASSIGNED_FAMILIES } from '../secrets/assigned-canaries.js';
import type { Canary, CanaryFamily } from '../secrets/canary-types.js';
import { MAKER_FAMILIES } from '../secrets/maker-canaries.js';
import { PLACED_FAMILIES } from '../secrets/placed-canaries.js';
import { createRandom, createRandomText } from '../secrets/random-text.js';

export type { Canary };
export { createRandom };

export const CANARY_FAMILIES: readonly CanaryFamily[] = [...MAKER_FAMILIES, ...ASSIGNED_FAMILIES, ...PLACED_FAMILIES];

/**
 * Secrets of every form that the rules were written for, in turn.
 * @param families others than those, such as the ones that are held out
 */
export function createCanaries(
  count: number,
  seed = 1,
  families: readonly CanaryFamily[] = CANARY_FAMILIES.filter(({ holdOut }) => !holdOut),
): Canary[] {
  const random = createRandomText(createRandom(seed));
  const makers = takeInTurn(families.map(({ name, makers }) => makers.map((make) => ({ name, make }))));
  return Array.from({ length: count }, (_, i) => {
    const { name, make } = makers[i % makers.length] as (typeof makers)[number];
    return { ...make(random), family: name };
  });
}

/** The first of each list, then the second of each, and so on. */
function takeInTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const rounds = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}

/** Forms that the families have together, each once. */
export function countForms(families: readonly CanaryFamily[]): number {
  return families.reduce((sum, { makers }) => sum + makers.length, 0);
}
