import type { Pool } from 'pg';
import type { AuditedSession, AuditPage, UnconfirmedRequest, WitnessDifference } from '../costs/audit-usage.js';
import type { CostFilter } from '../costs/cost-types.js';
import type { RepriceOptions, RepriceOutcome } from '../ledger/reprice-entries.js';
import type { LivePriceBook } from '../prices/open-prices.js';

/** What a person does with the ledger, rarely: its code is loaded with the first call. */
export interface LedgerUpkeep {
  /** The sessions of clients that have requests in a window, the latest first. */
  auditSessions(filter: CostFilter, limit: number): Promise<AuditedSession[]>;
  /** Requests about which the client's telemetry and its transcript do not say the same. */
  auditDifferences(filter: CostFilter, page: AuditPage): Promise<WitnessDifference[]>;
  /** Requests that one of these witnesses did not see, though it should have. */
  auditUnconfirmed(filter: CostFilter, page: AuditPage): Promise<UnconfirmedRequest[]>;
  /**
   * Computes costs again with today's prices, after it has read the price file again.
   * @param pricesFile the file to use from now on; the one in use by default
   * @throws AppError `invalid_argument` for a price file with faults
   */
  reprice(
    pricesFile: string | undefined,
    options: RepriceOptions,
  ): Promise<RepriceOutcome & { pricesFile: string | null }>;
  /** Moves what waits into the roll-ups. @returns how many changes */
  rollUp(signal?: AbortSignal): Promise<number>;
  /** Compares the roll-ups with the entries. @returns how many rows were wrong, and are right now */
  rebuildRollups(): Promise<number>;
}

export function createLedgerUpkeep({ pool, book }: { pool: Pool; book: LivePriceBook }): LedgerUpkeep {
  const audit = () => import('../costs/audit-usage.js');
  return {
    auditSessions: async (filter, limit) => (await audit()).auditSessions(pool, filter, limit),
    auditDifferences: async (filter, page) => (await audit()).auditDifferences(pool, book, filter, page),
    auditUnconfirmed: async (filter, page) => (await audit()).auditUnconfirmed(pool, filter, page),
    async reprice(pricesFile, options) {
      await book.reload(pricesFile);
      const { repriceEntries } = await import('../ledger/reprice-entries.js');
      return { ...(await repriceEntries(pool, book, options)), pricesFile: book.path() };
    },
    async rollUp(signal) {
      const { rollUpChanges } = await import('../ledger/roll-up-changes.js');
      return await rollUpChanges(pool, signal ? { signal } : {});
    },
    async rebuildRollups() {
      const { rebuildRollups } = await import('../ledger/rebuild-rollups.js');
      return await rebuildRollups(pool);
    },
  };
}
