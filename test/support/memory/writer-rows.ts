import type { UsageRecord } from '../../../src/accountability/usage.js';
import { createRandom } from '../inputs/canary-secrets.js';
import { usageRows } from '../ledger/usage-records.js';

/** The rows about one writer's own requests. */
function ownRows(index: number, requests: number): UsageRecord[] {
  return usageRows(createRandom(index + 1), requests, `${index}_`);
}

/** What a writer of the trial writes: its own requests, and some rows of its neighbour's again. */
export function rowsOfWriter(index: number, writers: number, requests: number): UsageRecord[] {
  const others = ownRows((index + 1) % writers, requests).filter((_, place) => place % 5 === 0);
  return [...ownRows(index, requests), ...others];
}

/** Every row that any writer writes. */
export function rowsOfAll(writers: number, requests: number): UsageRecord[] {
  return Array.from({ length: writers }, (_, index) => ownRows(index, requests)).flat();
}
