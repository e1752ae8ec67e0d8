import type { Pool } from 'pg';

/** An insight as the domain writes it, straight into the tables: for tests of what happens to its passages. */
export interface WrittenInsight {
  id: string;
  passageIds: string[];
}

let serial = 0;

export async function writeInsight(pool: Pool, content: string, replaces?: string): Promise<WrittenInsight> {
  serial += 1;
  const id = `insight_${process.pid}_${serial}`;
  const { rows } = await pool.query<{ passage_ids: string[] }>(
    `WITH project AS (
       INSERT INTO projects (id, root) VALUES ('project', '/project') ON CONFLICT (id) DO UPDATE SET root = excluded.root RETURNING id
     ), old AS (
       UPDATE insights SET superseded_by = $1, superseded_at = now() WHERE id = $3 RETURNING id
     ), cleared AS (
       DELETE FROM passages p USING old WHERE p.owner_kind = 'insight' AND p.owner_id = old.id
     ), written AS (
       INSERT INTO insights (id, project_id, version, content) SELECT $1, project.id, 1, $2 FROM project RETURNING *
     ), cut AS (
       INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, tsv, lexeme_count)
       SELECT w.project_id, 'insight', w.id, c.start_offset, c.end_offset, c.content_hash, c.tsv, c.lexeme_count
         FROM written w, cut_passages(insight_search_text(w.key, w.content, w.tags)) c
       RETURNING id
     )
     SELECT array_agg(id::text) AS passage_ids FROM cut`,
    [id, content, replaces ?? null],
  );
  return { id, passageIds: rows[0]?.passage_ids ?? [] };
}

/** Changes an insight's text in place, and its only passage with it: harder than what the domain does. */
export async function editInsight(pool: Pool, id: string, content: string): Promise<void> {
  await pool.query(
    `WITH edited AS (UPDATE insights SET content = $2 WHERE id = $1 RETURNING *)
     UPDATE passages p
        SET content_hash = c.content_hash, end_offset = c.end_offset, tsv = c.tsv,
            embedding = NULL, embedding_model = NULL, embedded_at = NULL
       FROM edited e, cut_passages(insight_search_text(e.key, e.content, e.tags)) c
      WHERE p.owner_kind = 'insight' AND p.owner_id = e.id`,
    [id, content],
  );
}
