import type { ClientBase } from 'pg';

/*
 * Advisory locks of the ledger, all for a transaction. In an embedded database they hold nobody up; there a transaction
 * runs alone.
 */

/** One worker at a time moves changes into roll-ups or corrects these: the argument of pg_advisory_xact_lock, as SQL. */
export const ROLLUP_LOCK = `hashtextextended('usage roll-ups', 81)`;
const ALL_ENTRIES = `hashtextextended('usage entries', 81)`;

/** Until the end of the transaction nobody else writes entries of this client. '' for those of no known client. */
export async function lockEntriesOf(client: ClientBase, usageClient: string): Promise<void> {
  await client.query({
    name: 'usage_lock_client',
    text: `SELECT pg_advisory_xact_lock_shared(${ALL_ENTRIES}), pg_advisory_xact_lock(hashtextextended($1, 82))`,
    values: [usageClient],
  });
}

/** Until the end of the transaction nobody else writes entries. */
export async function lockAllEntries(client: ClientBase): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(${ALL_ENTRIES})`);
}
