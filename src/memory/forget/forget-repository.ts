import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { LIMITS } from '../../config.js';
import { isLive } from '../../db/live-rows.js';
import type { MemoryKind } from '../memory-types.js';
import { CUT_PASSAGE_IDS, clearPassagesCte, cutPassagesCte } from '../passages/write-sql.js';

/** For each kind its table, its label in the timeline, the search text of its row and when that expires. */
const KINDS: Record<MemoryKind, { table: string; label: string; body: string; expires: string }> = {
  stash: { table: 'stashes', label: 'name', body: 'stash_search_text(name, summary, files)', expires: 'expires_at' },
  insight: {
    table: 'insights',
    label: 'coalesce(key, left(content, 80))',
    body: 'insight_search_text(key, content, tags)',
    expires: 'NULL::timestamptz',
  },
  decision: {
    table: 'decisions',
    label: 'topic',
    body: 'decision_search_text(topic, decision, reasoning)',
    expires: 'NULL::timestamptz',
  },
};

export interface MemoryState {
  forgottenAt: Date | null;
  supersededBy: string | null;
}

export type ForgetRepository = ReturnType<typeof createForgetRepository>;

export function createForgetRepository(pool: Pool) {
  return {
    /** Soft-deletes a live memory with its passages and logs it; null when there is no live one of this id. */
    async forget(
      actor: Actor,
      kind: MemoryKind,
      id: string,
      reason: string | null,
    ): Promise<{ label: string; forgottenAt: Date } | null> {
      const { table, label } = KINDS[kind];
      const { rows } = await pool.query<{ label: string; forgottenAt: Date }>({
        name: `forget_${kind}`,
        text: `WITH gone AS (
            UPDATE ${table} SET forgotten_at = now(), forgotten_by = $3, forget_reason = $4
            WHERE project_id = $1 AND id = $2 AND ${isLive()}
            RETURNING id, ${label} AS label, forgotten_at
          ), ${clearPassagesCte(kind, 'gone')}, activity AS (
            INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
            SELECT $1, $3, $5, 'forget', label, jsonb_build_object('id', $2::text, 'kind', '${kind}', 'reason', $4::text) FROM gone
          )
          SELECT label, forgotten_at AS "forgottenAt" FROM gone`,
        values: [actor.projectId, id, actor.agentId, reason, actor.sessionId],
      });
      return rows[0] ?? null;
    },

    async findState(projectId: string, kind: MemoryKind, id: string): Promise<MemoryState | null> {
      const { rows } = await pool.query<MemoryState>(
        `SELECT forgotten_at AS "forgottenAt", superseded_by AS "supersededBy" FROM ${KINDS[kind].table} WHERE project_id = $1 AND id = $2`,
        [projectId, id],
      );
      return rows[0] ?? null;
    },

    /**
     * Restores a forgotten memory, with new passages; null when there is none (purged, or never forgotten).
     * @returns ids of the passages to embed
     */
    async restore(projectId: string, kind: MemoryKind, id: string): Promise<string[] | null> {
      const { table, label, body, expires } = KINDS[kind];
      const { rows } = await pool.query<{ passage_ids: string[] }>(
        `WITH written AS (
            UPDATE ${table} SET forgotten_at = NULL, forgotten_by = NULL, forget_reason = NULL
            WHERE project_id = $1 AND id = $2 AND superseded_by IS NULL
              AND forgotten_at > now() - make_interval(days => ${LIMITS.forgottenDays})
            RETURNING id, project_id, ${label} AS label, ${body} AS body, ${expires} AS expires_at
          ), ${cutPassagesCte(kind)}, activity AS (
            INSERT INTO activities (project_id, type, subject, metadata)
            SELECT project_id, 'restore', label, jsonb_build_object('id', id, 'kind', '${kind}') FROM written
          )
          SELECT ${CUT_PASSAGE_IDS} FROM written`,
        [projectId, id],
      );
      return rows[0]?.passage_ids ?? null;
    },
  };
}
