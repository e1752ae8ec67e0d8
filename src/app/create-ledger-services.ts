import type { Pool } from 'pg';
import { createCostsService } from '../accountability/costs/costs-service.js';
import type { LivePriceBook } from '../accountability/prices/open-prices.js';
import type { TranscriptReader } from '../accountability/reader/reader-types.js';
import { createTimelineService } from '../accountability/timeline/timeline-service.js';
import { createLedgerUpkeep } from '../accountability/upkeep/ledger-upkeep.js';
import type { LedgerServices } from '../mcp/admin/answer-ledger-requests.js';

export interface LedgerParts {
  pool: Pool;
  book: LivePriceBook;
  /** POPSTASH_TIMEZONE. */
  timezone?: string | undefined;
  transcripts: TranscriptReader;
}

/** What costs and the timeline are read by: in every process that has the database. */
export function createLedgerServices({ pool, book, timezone, transcripts }: LedgerParts): LedgerServices {
  const costs = createCostsService({ pool, timezone });
  return {
    costs,
    timeline: createTimelineService({ pool, costs }),
    upkeep: createLedgerUpkeep({ pool, book }),
    transcripts,
  };
}
