import type { Pool } from 'pg';
import { inTransaction } from '../../db/in-transaction.js';
import { indexKey } from './entry-repository.js';
import { lockAllEntries } from './ledger-locks.js';
import { SOME_MEASURE } from './measures.js';
import { rollUpChanges } from './roll-up-changes.js';

/** Requests of one transaction: writers of usage wait for it. */
const MAX_REQUESTS = 500;
const DAY_MS = 24 * 60 * 60_000;

export interface PurgedUsage {
  requests: number;
  /** Rows of the roll-ups that nothing counts into any more. */
  rollups: number;
}

/** Requests before this time are kept no longer, nor recorded. @param days 0: for ever @returns null for ever */
export function findFirstKept(days: number): Date | null {
  return days === 0 ? null : new Date(Date.now() - days * DAY_MS);
}

/**
 * Deletes requests of more than `days` days ago, with what was known of them, and the roll-ups of that time. Totals of what
 * is left stay exact: the roll-ups follow each deletion as they follow each write.
 * @param signal stops between two transactions
 * @throws the database's error
 */
export async function purgeUsage(
  pool: Pool,
  days: number,
  { limit = MAX_REQUESTS, signal }: { limit?: number; signal?: AbortSignal } = {},
): Promise<PurgedUsage> {
  const firstKept = findFirstKept(days);
  if (firstKept === null) return { requests: 0, rollups: 0 };
  let requests = 0;
  while (!signal?.aborted) {
    const deleted = await deleteOldest(pool, firstKept, limit);
    requests += deleted;
    if (deleted < limit) break;
  }
  await rollUpChanges(pool, signal ? { signal } : {});
  return { requests, rollups: signal?.aborted ? 0 : await deleteEmptyRollups(pool, firstKept) };
}

async function deleteOldest(pool: Pool, firstKept: Date, limit: number): Promise<number> {
  return await inTransaction(pool, async (client) => {
    await lockAllEntries(client);
    const { rows } = await client.query<{ id: string; client: string; keys: string[]; calls: string[] }>({
      name: 'usage_purge',
      text: `DELETE FROM usage_entries WHERE id = ANY (ARRAY(
          SELECT e.id FROM (SELECT DISTINCT project_id FROM usage_totals) p CROSS JOIN LATERAL (
            SELECT id FROM usage_entries WHERE project_id = p.project_id AND occurred_at < $1 ORDER BY occurred_at LIMIT $2
          ) e LIMIT $2))
        RETURNING id, client, keys, tool_use_ids AS calls`,
      values: [firstKept, limit],
    });
    if (rows.length === 0) return 0;
    const ids = rows.map(({ id }) => id);
    const pairs = (listOf: (row: (typeof rows)[number]) => readonly string[]) =>
      JSON.stringify(rows.flatMap((row) => listOf(row).map((key) => ({ client: row.client, key: indexKey(key) }))));
    await client.query({
      name: 'usage_purge_rest',
      text: `WITH keys AS (
          DELETE FROM usage_keys k USING json_populate_recordset(NULL::usage_keys, $2::json) g
          WHERE k.client = g.client AND k.key = g.key AND k.entry_id = ANY ($1::bigint[])
        ), calls AS (
          DELETE FROM usage_calls c USING json_populate_recordset(NULL::usage_keys, $3::json) g
          WHERE c.client = g.client AND c.call_id = g.key AND c.entry_id = ANY ($1::bigint[])
        )
        DELETE FROM usage_witnesses WHERE entry_id = ANY ($1::bigint[])`,
      values: [ids, pairs(({ keys }) => keys), pairs(({ calls }) => calls)],
    });
    return rows.length;
  });
}

async function deleteEmptyRollups(pool: Pool, firstKept: Date): Promise<number> {
  return await inTransaction(pool, async (client) => {
    await client.query('SELECT lock_usage_rollups()');
    let deleted = 0;
    for (const table of ['usage_rollups', 'usage_totals']) {
      const { rowCount } = await client.query(`DELETE FROM ${table} WHERE bucket < $1 AND NOT (${SOME_MEASURE})`, [
        firstKept,
      ]);
      deleted += rowCount ?? 0;
    }
    return deleted;
  });
}
