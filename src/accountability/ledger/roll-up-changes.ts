import type { Pool } from 'pg';
import { addMeasures, DIMENSION_LIST, MEASURE_LIST } from './measures.js';
import { rollupRows, TOTAL_KEY, totalCtes } from './rollup-sql.js';

/** Changes that one statement moves: about 30 ms on a server, 150 ms in an embedded database, where others wait. */
const MAX_MOVED = 500;

// The DELETE and both upserts are one statement: a worker that is killed has done all of it or nothing. A worker that does not
// get the lock moves nothing; exactness does not rest on it (a change is deleted by one statement only), but two workers
// would wait for each other's rows.
const MOVE = `WITH rollup_lock AS MATERIALIZED (
    SELECT try_lock_usage_rollups() AS taken
  ), moved AS (
    DELETE FROM usage_changes WHERE id = ANY (ARRAY(
      SELECT id FROM usage_changes WHERE (SELECT taken FROM rollup_lock) ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED))
    RETURNING *
  ), rolled AS (
    INSERT INTO usage_rollups AS r (${DIMENSION_LIST}, ${MEASURE_LIST})
    ${rollupRows('moved')} ORDER BY ${DIMENSION_LIST}
    ON CONFLICT (${DIMENSION_LIST}) DO UPDATE SET ${addMeasures('r')}
  ), ${totalCtes('moved')}, totalled AS (
    INSERT INTO usage_totals AS t (${TOTAL_KEY}, ${MEASURE_LIST})
    SELECT ${TOTAL_KEY}, ${MEASURE_LIST} FROM parts ORDER BY ${TOTAL_KEY}
    ON CONFLICT (${TOTAL_KEY}) DO UPDATE SET ${addMeasures('t')}
  )
  SELECT count(*)::integer AS moved FROM moved`;

/**
 * Moves the oldest changes of usage entries into the roll-ups, one bounded statement after another, until none is left
 * or another worker is at it. May be killed at any moment and run by any number of workers: totals never change by it.
 * @param signal stops between two statements
 * @returns how many changes were moved
 * @throws the database's error
 */
export async function rollUpChanges(
  pool: Pool,
  { limit = MAX_MOVED, signal }: { limit?: number; signal?: AbortSignal } = {},
): Promise<number> {
  let total = 0;
  while (!signal?.aborted) {
    const { rows } = await pool.query<{ moved: number }>({ name: 'usage_roll_up', text: MOVE, values: [limit] });
    const moved = rows[0]?.moved ?? 0;
    total += moved;
    if (moved < limit) break;
  }
  return total;
}
