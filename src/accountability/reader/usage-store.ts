import type { Pool } from 'pg';
import type { EntryContext } from '../ledger/entry-row.js';
import { type RecordOutcome, recordUsage } from '../ledger/record-usage.js';
import {
  claimFiles,
  type FileClaim,
  type FilePosition,
  listFileStamps,
  releaseFiles,
} from '../ledger/transcript-files.js';
import type { UsageRecord } from '../usage.js';

/** Where a reader writes what it has read, and keeps how far it came. */
export interface UsageStore {
  /** How the files of a client looked when they were read to their end, by path. */
  listStamps(client: string): Promise<Map<string, string>>;
  /** Files of this machine that no other reader has, for this one. @param files each once */
  claim(files: readonly { client: string; path: string }[]): Promise<FileClaim[]>;
  /** Gives claims back. */
  release(claims: readonly FileClaim[]): Promise<void>;
  /**
   * Writes records together with how far files have been read. Records of a request that is known are merged with it.
   * @throws AppError `conflict` when another reader has taken over one of the files, `database_unavailable` while nothing can be written
   */
  record(records: readonly UsageRecord[], positions: readonly FilePosition[]): Promise<RecordOutcome>;
}

/** The ledger itself. @param host this machine: paths are of it */
export function createLedgerStore(pool: Pool, context: EntryContext, host: string): UsageStore {
  return {
    listStamps: (client) => listFileStamps(pool, host, client),
    claim: (files) =>
      claimFiles(
        pool,
        files.map(({ client, path }) => ({ host, client, path })),
      ),
    release: (claims) => releaseFiles(pool, claims),
    record: (records, files) => recordUsage(pool, context, records, { files }),
  };
}
