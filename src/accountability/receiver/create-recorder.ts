import type { Pool } from 'pg';
import type { ProjectIdentities } from '../../project/project-identities.js';
import type { Metrics } from '../../telemetry/metric-types.js';
import { recordUsage } from '../ledger/record-usage.js';
import type { PriceBook } from '../prices/price-book.js';
import { createFolderLocator } from '../reader/locate-folder.js';
import type { UsageRecord } from '../usage.js';

export interface RecorderDeps {
  pool: Pool;
  book: PriceBook;
  metrics: Pick<Metrics, 'recordUsage'>;
  /** @see EntryContext */
  costDays: number;
  /** Which project a folder belongs to. */
  identities: Pick<ProjectIdentities, 'resolve'>;
  /** Called when entries were written. */
  onRecorded(): void;
}

/** Writes what a receiver takes into the ledger. @throws from the recorder: the database's error */
export function createRecorder({ pool, book, metrics, identities, costDays, onRecorded }: RecorderDeps) {
  return async (records: readonly UsageRecord[]): Promise<void> => {
    await recordUsage(pool, { book, locateFolder: createFolderLocator(identities), metrics, costDays }, records);
    onRecorded();
  };
}
