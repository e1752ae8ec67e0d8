import type { MemoryKind } from '../memory-types.js';

/**
 * Parts of the one statement that writes a memory. They read the CTE `written` (the new row, with its text as `body`
 * and its `expires_at`) and the CTE `old` (the version it replaces), and add:
 * `cleared` (the old version's passages go, so that passages belong to live memories only) and `cut` (the new ones come).
 */
export function passageCtes(kind: MemoryKind): string {
  return `cleared AS (
      -- (A join would read all passages there are, on a table without statistics.)
      DELETE FROM passages WHERE owner_kind = '${kind}' AND owner_id = (SELECT id FROM old)
    ), cut AS (
      INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, tsv, lexeme_count, expires_at)
      SELECT w.project_id, '${kind}', w.id, c.start_offset, c.end_offset, c.content_hash, c.tsv, c.lexeme_count, w.expires_at
      FROM written w, LATERAL cut_passages(w.body) c
      RETURNING id
    )`;
}

/** The activity of a write: who did what to which memory. Reads the CTE `written`. */
export function activityCte(type: string, description: string): string {
  return `activity AS (
      INSERT INTO activities (project_id, agent_id, session_id, type, description, metadata)
      SELECT w.project_id, w.created_by, w.session_id, '${type}', ${description}, jsonb_build_object('id', w.id)
      FROM written w
    )`;
}

/** Ids of the passages just cut, as text, for the nudge. */
export const CUT_PASSAGE_IDS = `ARRAY(SELECT id::text FROM cut) AS passage_ids`;
