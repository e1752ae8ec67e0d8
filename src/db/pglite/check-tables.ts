import type { Pool } from 'pg';

/** What a check of all that is stored has read. */
export interface CheckedTables {
  tables: number;
  rows: number;
  bytes: number;
}

/**
 * Reads every row of every table, with what is stored beside it, and writes a memory, which is not kept.
 * @throws the database's error, with the table in its message
 */
export async function checkTables(pool: Pool): Promise<CheckedTables> {
  const { rows: tables } = await pool.query<{ name: string; pages: number }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name,
       (pg_relation_size(c.oid) / current_setting('block_size')::int)::int AS pages
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname IN ('public', 'bullmq') ORDER BY 1`,
  );
  const checked: CheckedTables = { tables: tables.length, rows: 0, bytes: 0 };
  for (const { name, pages } of tables) {
    for (let page = 0; page < pages; page += PAGES) {
      const { rows, bytes } = await readPages(pool, name, page);
      checked.rows += rows;
      checked.bytes += bytes;
    }
  }
  await writeAndRead(pool);
  return checked;
}

/** Read by one statement, so that none takes long. */
const PAGES = 128;

async function readPages(pool: Pool, name: string, page: number): Promise<{ rows: number; bytes: number }> {
  try {
    const { rows } = await pool.query<{ rows: number; bytes: number }>(
      `SELECT count(*)::float8 AS rows, coalesce(sum(octet_length(record_send(t))), 0)::float8 AS bytes FROM ${name} t
       WHERE ctid >= '(${page},0)' AND ctid < '(${page + PAGES},0)'`,
    );
    return rows[0] ?? { rows: 0, bytes: 0 };
  } catch (error) {
    if (error instanceof Error) error.message = `${error.message} (table ${name})`;
    throw error;
  }
}

const ID = 'popstash-doctor';

/** Nothing of it stays. */
async function writeAndRead(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO projects (id, root) VALUES ($1, $1)', [ID]);
    await client.query('INSERT INTO insights (id, project_id, version, content) VALUES ($1, $1, 1, $1)', [ID]);
    const { rows } = await client.query<{ content: string }>('SELECT content FROM insights WHERE id = $1', [ID]);
    if (rows[0]?.content !== ID) throw new Error('a memory that was just written is not found');
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
    client.release();
  }
  // A commit of its own, which has to reach the disk.
  await pool.query(`SELECT pg_logical_emit_message(true, $1, '')`, [ID]);
}
