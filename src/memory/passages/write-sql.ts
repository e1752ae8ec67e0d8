import type { MemoryKind } from '../memory-types.js';

/**
 * Parts of statements that write passages together with what they belong to. Every statement that writes passages is in
 * this folder.
 */

/**
 * For the one statement that writes a memory. Reads the CTE `written` (the new row, with its text as `body` and its
 * `expires_at`) and the CTE `old` (the version it replaces); adds `cleared` (the old version's passages go, so that
 * passages belong to live memories only) and `cut` (the new ones come).
 */
export function passageCtes(kind: MemoryKind): string {
  return `${clearPassagesCte(kind, 'old')}, ${cutPassagesCte(kind)}`;
}

/** Deletes the passages of a memory that is no longer live. @param from CTE with its id, or without a row */
export function clearPassagesCte(kind: MemoryKind, from: 'old' | 'gone'): string {
  return `cleared AS (
      -- (A join would read all passages there are, on a table without statistics.)
      DELETE FROM passages WHERE owner_kind = '${kind}' AND owner_id = (SELECT id FROM ${from})
    )`;
}

/** As clearPassagesCte, of any number of memories. @param from CTE with their ids */
export function clearAllPassagesCte(kind: MemoryKind, from: 'old' | 'gone'): string {
  return `cleared AS (
      DELETE FROM passages WHERE owner_kind = '${kind}' AND owner_id = ANY(ARRAY(SELECT id FROM ${from}))
    )`;
}

/** Cuts texts into passages. Reads the CTE `written`, see passageCtes; it may have any number of rows. */
export function cutPassagesCte(kind: MemoryKind): string {
  return `cut AS (
      INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, tsv, lexeme_count, expires_at)
      SELECT w.project_id, '${kind}', w.id, c.start_offset, c.end_offset, c.content_hash, c.tsv, c.lexeme_count, w.expires_at
      FROM written w, LATERAL cut_passages(w.body) c
      RETURNING id
    )`;
}

/** Deletes passages of stashes whose time has passed; adds `ended`, the ids of these stashes. @param limit how many */
export function endPassagesCtes(limit: string): string {
  return `due AS (
      SELECT DISTINCT owner_id FROM passages
       WHERE owner_kind = 'stash' AND expires_at <= now() LIMIT ${limit}
    ), cleared AS (
      DELETE FROM passages p USING due
       WHERE p.owner_kind = 'stash' AND p.owner_id = due.owner_id AND p.expires_at <= now()
      RETURNING p.owner_id
    ), ended AS (
      SELECT DISTINCT owner_id AS id FROM cleared
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
