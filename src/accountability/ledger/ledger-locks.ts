import type { ClientBase } from 'pg';

/*
 * Locks of the ledger's writers, to the end of a transaction. In an embedded database they hold nobody up; there a
 * transaction runs alone.
 */

/** Nobody else writes entries of this client. '' for those of no known client. */
export async function lockEntriesOf(client: ClientBase, usageClient: string): Promise<void> {
  await client.query({
    name: 'usage_lock_client',
    text: 'SELECT share_usage_lock(), lock_usage_client($1)',
    values: [usageClient],
  });
}

/** Nobody else writes entries. */
export async function lockAllEntries(client: ClientBase): Promise<void> {
  await client.query('SELECT lock_usage()');
}
