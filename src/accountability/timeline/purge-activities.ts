import type { Pool } from 'pg';

/** Rows of one statement: bounded, so that no lock is held for long. */
const MAX_ROWS = 5_000;

/**
 * Deletes activities that are older than `days`, the oldest first. It looks at the oldest rows only, whatever the size of
 * the timeline.
 * @param signal stops between two statements
 * @returns how many
 * @throws the database's error
 */
export async function purgeActivities(
  pool: Pool,
  days: number,
  { limit = MAX_ROWS, signal }: { limit?: number; signal?: AbortSignal } = {},
): Promise<number> {
  let purged = 0;
  while (!signal?.aborted) {
    const { rowCount } = await pool.query({
      name: 'timeline_purge',
      text: `DELETE FROM activities WHERE id = ANY (ARRAY(
          SELECT id FROM (SELECT id, created_at FROM activities ORDER BY id LIMIT $2) AS oldest
          WHERE created_at < now() - make_interval(days => $1)))`,
      values: [days, limit],
    });
    purged += rowCount ?? 0;
    if ((rowCount ?? 0) < limit) break;
  }
  return purged;
}
