import type { Pool } from 'pg';
import { COUNTED_PROJECT } from './project-sizes.js';

/** Passages that are counted; a larger project is sampled evenly and scaled up. */
const MAX_SAMPLE = 20_000;
/** Lexemes in fewer passages are rare: a search counts them itself. */
const MIN_COMMON = 50;

/**
 * Counts the lexical passages of projects, their mean length and, from COUNTED_PROJECT on, the document frequencies of common
 * lexemes. Idempotent; each project in one transaction.
 * @param projectId one project only; else all
 * @throws the database's error
 */
export async function refreshLexemeStats(
  pool: Pool,
  projectId?: string,
  countedProject = COUNTED_PROJECT,
): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM projects WHERE $1::text IS NULL OR id = $1 ORDER BY id',
    [projectId ?? null],
  );
  for (const { id } of rows) await refreshProject(pool, id, countedProject);
}

async function refreshProject(pool: Pool, projectId: string, countedProject: number): Promise<void> {
  const counted = await pool.query<{ passage_count: number }>(
    `UPDATE projects SET passage_count = c.n, lexeme_total = c.total, statistics_at = now()
     FROM (SELECT count(*)::integer AS n, coalesce(sum(lexeme_count), 0) AS total FROM passages
           WHERE project_id = $1 AND tsv IS NOT NULL) AS c
     WHERE id = $1 RETURNING passage_count`,
    [projectId],
  );
  const passages = counted.rows[0]?.passage_count ?? 0;
  if (passages < countedProject) {
    await pool.query('DELETE FROM lexeme_stats WHERE project_id = $1', [projectId]);
    return;
  }
  const step = Math.max(1, Math.floor(passages / MAX_SAMPLE));
  await pool.query(
    `WITH fresh AS MATERIALIZED (
       SELECT word AS lexeme, ndoc * $2::integer AS passages
       FROM ts_stat(format('SELECT tsv FROM passages WHERE project_id = %L AND tsv IS NOT NULL AND id %% %s = 0', $1::text, $2::integer))
       WHERE ndoc * $2::integer >= $3
     ), gone AS (
       DELETE FROM lexeme_stats s WHERE project_id = $1 AND NOT EXISTS (SELECT FROM fresh f WHERE f.lexeme = s.lexeme)
     )
     INSERT INTO lexeme_stats (project_id, lexeme, passages) SELECT $1, lexeme, passages FROM fresh
     ON CONFLICT (project_id, lexeme) DO UPDATE SET passages = excluded.passages
       WHERE lexeme_stats.passages <> excluded.passages`,
    [projectId, step, MIN_COMMON],
  );
}
