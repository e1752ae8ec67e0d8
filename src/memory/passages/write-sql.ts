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
    ), ${cutCte(kind)}`;
}

/** The part `cut` alone, for a memory that replaces none. */
export function cutCte(kind: MemoryKind): string {
  return `cut AS (
      INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, tsv, lexeme_count, expires_at)
      SELECT w.project_id, '${kind}', w.id, c.start_offset, c.end_offset, c.content_hash, c.tsv, c.lexeme_count, w.expires_at
      FROM written w, LATERAL cut_passages(w.body) c
      RETURNING id
    )`;
}

/**
 * The activity of a write: who wrote which memory. Reads the CTE `written`.
 * @param subject what the memory is called, in SQL: its name, its topic, the beginning of its text
 */
export function activityCte(kind: MemoryKind, subject: string): string {
  return `activity AS (
      INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
      SELECT w.project_id, w.created_by, w.session_id, '${kind}', ${subject},
             jsonb_build_object('id', w.id, 'version', w.version)
      FROM written w
    )`;
}

/** Ids of the passages just cut, as text, for the job that embeds them. */
export const CUT_PASSAGE_IDS = `ARRAY(SELECT id::text FROM cut) AS passage_ids`;
