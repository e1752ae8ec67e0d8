import type { Pool } from 'pg';
import { inTransaction } from '../../db/in-transaction.js';
import {
  addMeasures,
  DIMENSION_LIST,
  ENTRY_MEASURES,
  MEASURE_LIST,
  MEASURE_SUMS,
  SOME_MEASURE,
  scaleMeasures,
} from './measures.js';
import { rollupRows, TOTAL_KEY, totalCtes } from './rollup-sql.js';

/** What the roll-ups should be: all entries that count, less what is still in the tail. */
const FACTS = `facts AS MATERIALIZED (${rollupRows(`(
      SELECT project_id, date_bin('15 minutes', occurred_at, 'epoch') AS bucket, coalesce(agent_id, '') AS agent_id,
        coalesce(session_id, '') AS session_id, client, coalesce(client_session, '') AS client_session,
        coalesce(model, '') AS model, grade, ${ENTRY_MEASURES}
      FROM usage_entries e WHERE counts
      UNION ALL
      SELECT ${DIMENSION_LIST}, ${scaleMeasures('-1', 'c')} FROM usage_changes c
    ) AS f`)})`;

// Adds the difference between what the roll-ups should be and what they are. A sum of differences, not a replacement: the
// statement sees one snapshot, and what other transactions add to the same rows meanwhile stays added.
const CORRECT = `WITH ${FACTS}, ${totalCtes('facts')}, rolled AS (
    INSERT INTO usage_rollups AS r (${DIMENSION_LIST}, ${MEASURE_LIST})
    SELECT * FROM (${rollupRows(`(
      SELECT ${DIMENSION_LIST}, ${MEASURE_LIST} FROM facts
      UNION ALL SELECT ${DIMENSION_LIST}, ${scaleMeasures('-1', 'o')} FROM usage_rollups o) AS d`)}) AS difference
    WHERE ${SOME_MEASURE} ORDER BY ${DIMENSION_LIST}
    ON CONFLICT (${DIMENSION_LIST}) DO UPDATE SET ${addMeasures('r')}
    RETURNING 1
  ), totalled AS (
    INSERT INTO usage_totals AS t (${TOTAL_KEY}, ${MEASURE_LIST})
    SELECT ${TOTAL_KEY}, ${MEASURE_LIST} FROM (
      SELECT ${TOTAL_KEY}, ${MEASURE_SUMS} FROM (
        SELECT ${TOTAL_KEY}, ${MEASURE_LIST} FROM parts
        UNION ALL SELECT ${TOTAL_KEY}, ${scaleMeasures('-1', 'o')} FROM usage_totals o) AS d
      GROUP BY ${TOTAL_KEY}) AS difference
    WHERE ${SOME_MEASURE} ORDER BY ${TOTAL_KEY}
    ON CONFLICT (${TOTAL_KEY}) DO UPDATE SET ${addMeasures('t')}
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM rolled)::integer + (SELECT count(*) FROM totalled)::integer AS corrected`;

/**
 * Compares the roll-ups with the entries and corrects every row that differs; drops rows that have become zero. Exact
 * while others write and read. Reads all entries: seconds for a million.
 * @returns how many rows of the roll-ups were wrong
 * @throws the database's error
 */
export async function rebuildRollups(pool: Pool): Promise<number> {
  return await inTransaction(pool, async (client) => {
    await client.query('SET LOCAL statement_timeout = 0');
    // A statement before: two corrections of one difference would each add it.
    await client.query('SELECT lock_usage_rollups()');
    const { rows } = await client.query<{ corrected: number }>(CORRECT);
    for (const table of ['usage_rollups', 'usage_totals']) {
      await client.query(`DELETE FROM ${table} WHERE NOT (${SOME_MEASURE})`);
    }
    return rows[0]?.corrected ?? 0;
  });
}
