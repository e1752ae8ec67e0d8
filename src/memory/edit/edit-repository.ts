import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { isLive } from '../../db/live-rows.js';
import { activityCte, CUT_PASSAGE_IDS, passageCtes } from '../passages/write-sql.js';

export interface NewVersion {
  id: string;
  /** The live version that it replaces. */
  baseId: string;
  name: string | null;
  text: string;
  /** Tags of an insight, files of a stash. */
  labels: string[];
}

export interface SavedVersion {
  id: string;
  version: number;
  passageIds: string[];
}

export type EditRepository = ReturnType<typeof createEditRepository>;

/** A new name may have had versions of its own: the new one comes after them, and after the version that it replaces. */
const nextVersion = (table: string, name: string): string =>
  `1 + greatest(old.version, (SELECT max(version) FROM ${table} WHERE project_id = $1 AND fold_name(${name}) = fold_name($4)))`;

const retire = (table: string): string =>
  `UPDATE ${table} SET superseded_by = $3, superseded_at = now() WHERE project_id = $1 AND id = $2 AND ${isLive()} RETURNING *`;

// What the person does not see in the editor stays: metadata of a stash, and when it expires.
const EDITS = {
  insight: `WITH old AS (${retire('insights')}), written AS (
      INSERT INTO insights (id, project_id, key, version, content, tags, created_by, session_id)
      SELECT $3, $1, $4, ${nextVersion('insights', 'key')}, $5, $6, $7, $8 FROM old
      RETURNING *, insight_search_text(key, content, tags) AS body, NULL::timestamptz AS expires_at
    ), ${passageCtes('insight')}, ${activityCte('insight', 'coalesce(w.key, left(w.content, 80))')}
    SELECT w.id, w.version, ${CUT_PASSAGE_IDS} FROM written w`,
  stash: `WITH old AS (${retire('stashes')}), written AS (
      INSERT INTO stashes (id, project_id, name, version, summary, files, metadata, expires_at, created_by, session_id)
      SELECT $3, $1, $4, ${nextVersion('stashes', 'name')}, $5, $6, old.metadata, old.expires_at, $7, $8 FROM old
      RETURNING *, stash_search_text(name, summary, files) AS body
    ), ${passageCtes('stash')}, ${activityCte('stash', 'w.name')}
    SELECT w.id, w.version, ${CUT_PASSAGE_IDS} FROM written w`,
} as const;

export function createEditRepository(pool: Pool) {
  return {
    /** Writes a version in place of the one that was edited, in one statement; null when that one is not live any more. */
    async save(actor: Actor, kind: keyof typeof EDITS, edit: NewVersion): Promise<SavedVersion | null> {
      const { rows } = await pool.query<{ id: string; version: number; passage_ids: string[] }>({
        name: `edit_${kind}`,
        text: EDITS[kind],
        values: [
          actor.projectId,
          edit.baseId,
          edit.id,
          edit.name,
          edit.text,
          edit.labels,
          actor.agentId,
          actor.sessionId,
        ],
      });
      const row = rows[0];
      return row ? { id: row.id, version: row.version, passageIds: row.passage_ids } : null;
    },
  };
}
