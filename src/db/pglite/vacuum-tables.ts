import type { Pool } from 'pg';

/**
 * PostgreSQL's own rule for autovacuum, which an embedded database lacks: a table is due when more than `rows` rows plus
 * `part` of all its rows have changed (ANALYZE) or are dead (VACUUM).
 * https://www.postgresql.org/docs/current/routine-vacuuming.html
 */
const ANALYZE = { rows: 50, part: 0.1 };
const VACUUM = { rows: 50, part: 0.2 };
/**
 * Changes of earlier processes are counted nowhere, but the table's size tells: it is also due when it has grown by more
 * than `pages` pages plus `part` of its size since the last ANALYZE.
 */
const GROWTH = { pages: 16, part: 0.2 };

interface DueTable {
  /** Quoted, with its schema. */
  name: string;
  vacuum: boolean;
}

/**
 * Analyzes the tables in which enough has changed, and vacuums those with enough dead rows. For the embedded database,
 * which has no autovacuum. Tables keep their size on the disk: a file that has become smaller has lost something
 * (src/data-folder/store/file-sizes.ts). Each table is a statement of its own, so that other statements run in between.
 * @returns the tables that were vacuumed or analyzed, quoted, with their schema
 * @throws the database's error
 */
export async function vacuumTables(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<DueTable>(`
    WITH tables AS (
      SELECT format('%I.%I', n.nspname, c.relname) AS name, greatest(c.reltuples, 0) AS rows,
             coalesce(s.n_mod_since_analyze, 0) AS changed, coalesce(s.n_dead_tup, 0) AS dead,
             pg_relation_size(c.oid) / current_setting('block_size')::int
               > ${1 + GROWTH.part} * c.relpages + ${GROWTH.pages} AS grown
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
      WHERE c.relkind = 'r' AND n.nspname IN ('public', 'bullmq')
    )
    SELECT name, grown OR dead > ${VACUUM.rows} + ${VACUUM.part} * rows AS vacuum FROM tables
    WHERE grown OR dead > ${VACUUM.rows} + ${VACUUM.part} * rows OR changed > ${ANALYZE.rows} + ${ANALYZE.part} * rows
    ORDER BY name`);
  for (const { name, vacuum } of rows)
    await pool.query(`${vacuum ? 'VACUUM (ANALYZE, TRUNCATE false)' : 'ANALYZE'} ${name}`);
  return rows.map(({ name }) => name);
}
