import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { isLive } from '../../db/live-rows.js';
import { hiddenColumn } from '../../db/planner-hints.js';
import { activityCte, CUT_PASSAGE_IDS, passageCtes } from '../passages/write-sql.js';
import { createDecisionReads, type DecisionRow, LIVE_DECISION } from './decision-reads.js';

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

/** A live decision that a new one may contradict. */
export type DecisionOnTopic = Pick<DecisionRow, 'id' | 'topic' | 'decision' | 'createdAt' | 'now'>;

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
    -- Agents that were given the older one listen for it.
    (SELECT count(pg_notify('popstash', 'superseded:' || $1 || ':' || id || ':' || $2)) FROM old) AS told
  FROM written w`;

/** Newest decisions whose topics are compared with a new one's by spelling. */
const MAX_COMPARED_TOPICS = 50;
/** Trigram similarity from which two topics count as one: "auth token" and "auth tokens", not "auth" and "author". */
const MIN_TOPIC_SIMILARITY = 0.55;

export function createDecisionRepository(pool: Pool) {
  return {
    ...createDecisionReads(pool),

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

    /**
     * Live decisions other than `exceptId` whose topic is the same, or, among the newest, spelled nearly the same
     * (trigram similarity, which ignores case). Bounded, since it runs beside every write.
     */
    async findOnTopic(projectId: string, topic: string, exceptId: string | null): Promise<DecisionOnTopic[]> {
      const { rows } = await pool.query<DecisionOnTopic>({
        name: 'decision_on_topic',
        text: `WITH recent AS MATERIALIZED (
            SELECT d.id, d.topic, d.created_at FROM decisions d
            WHERE d.project_id = $1 AND ${LIVE_DECISION} ORDER BY d.created_at DESC LIMIT ${MAX_COMPARED_TOPICS}
          ), near AS MATERIALIZED (
            SELECT * FROM (
              (SELECT d.id, d.created_at, true AS same FROM decisions d
               WHERE ${hiddenColumn('d.project_id')} = $1 AND fold_name(d.topic) = fold_name($2) AND ${LIVE_DECISION} ORDER BY d.created_at DESC LIMIT 6)
              UNION ALL
              SELECT id, created_at, false FROM recent
                WHERE similarity(topic, $2) > ${MIN_TOPIC_SIMILARITY} AND fold_name(topic) <> fold_name($2)
            ) AS found WHERE id IS DISTINCT FROM $3 ORDER BY same DESC, created_at DESC LIMIT 5
          )
          SELECT d.id, d.topic, d.decision, d.created_at AS "createdAt", now() AS now
          FROM near n, LATERAL (SELECT * FROM decisions WHERE id = n.id LIMIT 1) d
          ORDER BY n.same DESC, n.created_at DESC`,
        values: [projectId, topic, exceptId],
      });
      return rows;
    },
  };
}
