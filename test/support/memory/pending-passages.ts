import type { Pool } from 'pg';

/** Writes `count` insights in one statement, without a job: their passages only wait in the table. */
export async function writePending(pool: Pool, count: number, words = 'waits for its vector'): Promise<void> {
  await pool.query(
    `WITH project AS (
       INSERT INTO projects (id, root) VALUES ('pending', '/pending') ON CONFLICT (id) DO UPDATE SET root = excluded.root RETURNING id
     ), written AS (
       INSERT INTO insights (id, project_id, version, content)
       SELECT 'insight_' || gen_random_uuid(), project.id, 1, 'Note ' || n || ' ' || $2
         FROM project, generate_series(1, $1::integer) AS n
       RETURNING *
     )
     INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, tsv, lexeme_count)
     SELECT w.project_id, 'insight', w.id, c.start_offset, c.end_offset, c.content_hash, c.tsv, c.lexeme_count
       FROM written w, cut_passages(insight_search_text(w.key, w.content, w.tags)) c`,
    [count, words],
  );
}

/** Passages that still lack what the worker gives them. */
export async function countPending(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM passages WHERE embedded_at IS NULL',
  );
  return rows[0]?.count ?? 0;
}

/** Passages without a vector although they are said to be done: there must be none for texts that fit one passage. */
export async function countHollow(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM passages WHERE embedded_at IS NOT NULL AND embedding IS NULL',
  );
  return rows[0]?.count ?? 0;
}
