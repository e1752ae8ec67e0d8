import type { Pool } from 'pg';

/**
 * PostgreSQL's own rule for autovacuum, which an embedded database has none of: how many changed (dead) rows are too
 * many, at the least and as a part of the table. https://www.postgresql.org/docs/current/routine-vacuuming.html
 */
const ANALYZE = { rows: 50, part: 0.1 };
const VACUUM = { rows: 50, part: 0.2 };
/** Changes of earlier processes are not counted anywhere, but a table that grew shows: by so many pages, and this part. */
const GROWTH = { pages: 16, part: 0.2 };

interface UntidyTable {
  /** Quoted, with its schema. */
  name: string;
  vacuum: boolean;
}

/**
 * Brings the planner's statistics up to date and gives the room of dead rows back, table by table, where enough has
 * changed. For the embedded database, whose one session nobody else tidies; each table is a turn of its own.
 * @returns the tables that were tidied, quoted, with their schema
 * @throws the database's error
 */
export async function tidyTables(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<UntidyTable>(`
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
  for (const { name, vacuum } of rows) await pool.query(`${vacuum ? 'VACUUM (ANALYZE)' : 'ANALYZE'} ${name}`);
  return rows.map(({ name }) => name);
}
