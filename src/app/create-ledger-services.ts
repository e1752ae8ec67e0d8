import type { Pool } from 'pg';
import { createCostsService } from '../accountability/costs/costs-service.js';
import type { LivePriceBook } from '../accountability/prices/open-prices.js';
import { createTimelineService } from '../accountability/timeline/timeline-service.js';
import { createLedgerUpkeep } from '../accountability/upkeep/ledger-upkeep.js';

export interface LedgerParts {
  pool: Pool;
  book: LivePriceBook;
  /** POPSTASH_TIMEZONE. */
  timezone?: string | undefined;
}

/** What costs and the timeline are read by: in every process that has the database. */
export function createLedgerServices({ pool, book, timezone }: LedgerParts) {
  const costs = createCostsService({ pool, timezone });
  const transcripts: null = null;
  return {
    costs,
    transcripts,
    timeline: createTimelineService({ pool, costs }),
    upkeep: createLedgerUpkeep({ pool, book }),
  };
}
