import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { isLive } from '../../db/live-rows.js';
import { activityCte, CUT_PASSAGE_IDS, passageCtes } from '../passages/write-sql.js';
import { createDecisionReader } from './decision-reader.js';

export interface NewDecision {
  id: string;
  topic: string;
  decision: string;
  reasoning: string | null;
  supersedes: string | null;
}

export interface SavedDecision {
  id: string;
  topic: string;
  createdAt: Date;
  replacedId: string | null;
  passageIds: string[];
}

export type DecisionRepository = ReturnType<typeof createDecisionRepository>;

// Nothing is written when the decision to supersede is not live: `written` then has no row.
const SAVE = `WITH old AS (
    UPDATE decisions SET superseded_by = $2, superseded_at = now()
    -- (Hint: hidden column. Most decisions supersede none, and all of a project would be read to find that.)
    WHERE coalesce(project_id, '') = $1 AND id = $6 AND ${isLive()}
    RETURNING id, version
  ), after_old AS (
    SELECT count(*) AS replaced, max(version) AS version FROM old
  ), written AS (
    INSERT INTO decisions (id, project_id, topic, decision, reasoning, version, created_by, session_id)
    SELECT $2, $1, $3, $4, $5, 1 + coalesce(version, 0), $7, $8
    FROM after_old WHERE $6::text IS NULL OR replaced = 1
    RETURNING *, decision_search_text(topic, decision, reasoning) AS body, NULL::timestamptz AS expires_at
  ), ${passageCtes('decision')}, ${activityCte('decision', 'left(w.decision, 120)')}
  SELECT w.id, w.topic, w.created_at, (SELECT id FROM old) AS replaced_id, ${CUT_PASSAGE_IDS},
    -- Heard by agents that were given the older one.
    (SELECT count(pg_notify('popstash', 'superseded:' || $1 || ':' || id || ':' || $2)) FROM old) AS told
  FROM written w`;

export function createDecisionRepository(pool: Pool) {
  return {
    /** Records a decision and retires the one it supersedes in one statement; null when that one is not live. */
    async save(actor: Actor, decision: NewDecision): Promise<SavedDecision | null> {
      const { rows } = await pool.query({
        name: 'decision_save',
        text: SAVE,
        values: [
          actor.projectId,
          decision.id,
          decision.topic,
          decision.decision,
          decision.reasoning,
          decision.supersedes,
          actor.agentId,
          actor.sessionId,
        ],
      });
      const row = rows[0];
      return row
        ? {
            id: row.id,
            topic: row.topic,
            createdAt: row.created_at,
            replacedId: row.replaced_id,
            passageIds: row.passage_ids,
          }
        : null;
    },

    async findRecentEqual(actor: Actor, decision: Omit<NewDecision, 'id'>): Promise<SavedDecision | null> {
      const { rows } = await pool.query(
        `SELECT id, topic, created_at FROM decisions
         WHERE project_id = $1 AND topic = $2 AND decision = $3 AND reasoning IS NOT DISTINCT FROM $4
           AND ${isLive()} AND created_at > now() - interval '10 minutes' LIMIT 1`,
        [actor.projectId, decision.topic, decision.decision, decision.reasoning],
      );
      const row = rows[0];
      return row ? { id: row.id, topic: row.topic, createdAt: row.created_at, replacedId: null, passageIds: [] } : null;
    },

    ...createDecisionReader(pool),
  };
}
