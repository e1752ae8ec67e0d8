import type { Pool } from 'pg';
import { isLive } from '../../db/live-rows.js';
import { hiddenColumn } from '../../db/planner-hints.js';
import { type AuthorFacts, SELECT_AUTHOR } from '../authors/author-facts.js';
import { countWrong } from '../feedback/marks-sql.js';
import { selectOrigin } from '../origins/origin-repository.js';
import type { MemoryOrigin } from '../origins/origin-types.js';

export interface DecisionRow {
  id: string;
  topic: string;
  decision: string;
  reasoning: string | null;
  createdBy: string | null;
  author: AuthorFacts | null;
  sessionId: string | null;
  createdAt: Date;
  supersededBy: string | null;
  forgottenAt: Date | null;
  /** Characters that a long list left no room for. */
  omittedChars: number;
  /** Sessions that marked it wrong. */
  wrongSessions: number;
  /** Where it was made, as far as that was noted. */
  origin: MemoryOrigin | null;
  now: Date;
}

/** Characters of all decisions of one answer. The first one is always whole; those beyond the limit are cut to CUT_CHARS. */
const MAX_CHARS = 200_000;
const CUT_CHARS = 1_000;

export const LIVE_DECISION = isLive('d.');

/** Reads decisions in an order; long ones after the first are cut. @param found completes `FROM decisions d` */
function select(found: string, order: string): string {
  return `WITH found AS (
      SELECT d.* FROM decisions d ${found}
    ), ordered AS (
      SELECT d.*, row_number() OVER (ORDER BY ${order}) AS rank,
        char_length(d.decision) AS decision_chars, coalesce(char_length(d.reasoning), 0) AS reasoning_chars
      FROM found d
    ), sized AS (
      SELECT *, CASE WHEN rank = 1 OR sum(decision_chars + reasoning_chars) OVER (ORDER BY rank) <= ${MAX_CHARS}
        THEN NULL ELSE ${CUT_CHARS} END AS kept
      FROM ordered
    )
    SELECT d.id, d.topic, CASE WHEN kept IS NULL THEN d.decision ELSE left(d.decision, kept) END AS decision,
      CASE WHEN kept IS NULL THEN d.reasoning ELSE left(d.reasoning, kept) END AS reasoning,
      (CASE WHEN kept IS NULL THEN 0 ELSE greatest(decision_chars - kept, 0) + greatest(reasoning_chars - kept, 0)
        END)::int AS "omittedChars",
      d.created_by AS "createdBy", ${SELECT_AUTHOR}, d.session_id AS "sessionId", d.created_at AS "createdAt",
      d.superseded_by AS "supersededBy", d.forgotten_at AS "forgottenAt", now() AS now,
      ${countWrong('d.id')} AS "wrongSessions", ${selectOrigin('d.id')}
    FROM sized d LEFT JOIN agents a ON a.id = d.created_by ORDER BY rank`;
}

const NEWEST = 'd.created_at DESC, d.id';

export function createDecisionReads(pool: Pool) {
  return {
    async findById(projectId: string, id: string): Promise<DecisionRow | null> {
      const { rows } = await pool.query<DecisionRow>(select('WHERE d.project_id = $1 AND d.id = $2', NEWEST), [
        projectId,
        id,
      ]);
      return rows[0] ?? null;
    },

    /** Those of these decisions that were superseded, and by which. */
    async listSuperseded(projectId: string, ids: readonly string[]): Promise<{ id: string; by: string }[]> {
      const { rows } = await pool.query<{ id: string; by: string }>({
        name: 'decision_superseded',
        text: `SELECT id, superseded_by AS by FROM decisions
          WHERE project_id = $1 AND id = ANY($2) AND superseded_by IS NOT NULL`,
        values: [projectId, ids],
      });
      return rows;
    },

    async findLiveByIds(projectId: string, ids: readonly string[]): Promise<DecisionRow[]> {
      const { rows } = await pool.query<DecisionRow>({
        name: 'decision_by_ids',
        text: select(`WHERE d.project_id = $1 AND d.id = ANY($2) AND ${LIVE_DECISION}`, 'array_position($2, d.id)'),
        values: [projectId, ids],
      });
      return rows;
    },

    /** Decisions on exactly this topic (in any case and Unicode form), newest first. */
    async listByTopic(
      projectId: string,
      topic: string,
      limit: number,
      includeSuperseded: boolean,
    ): Promise<DecisionRow[]> {
      const { rows } = await pool.query<DecisionRow>({
        name: 'decision_by_topic',
        text: select(
          `WHERE ${hiddenColumn('d.project_id')} = $1 AND fold_name(d.topic) = fold_name($2) AND d.forgotten_at IS NULL
            AND ($4 OR d.superseded_by IS NULL) ORDER BY ${NEWEST} LIMIT $3`,
          NEWEST,
        ),
        values: [projectId, topic, limit, includeSuperseded],
      });
      return rows;
    },

    async listNewest(projectId: string, limit: number, includeSuperseded: boolean): Promise<DecisionRow[]> {
      const { rows } = await pool.query<DecisionRow>({
        name: 'decision_newest',
        text: select(
          `WHERE d.project_id = $1 AND d.forgotten_at IS NULL AND ($3 OR d.superseded_by IS NULL)
            ORDER BY ${NEWEST} LIMIT $2`,
          NEWEST,
        ),
        values: [projectId, limit, includeSuperseded],
      });
      return rows;
    },

    async listTopics(projectId: string, limit: number): Promise<string[]> {
      const { rows } = await pool.query<{ topic: string }>({
        name: 'decision_topics',
        text: `SELECT min(d.topic) AS topic FROM decisions d WHERE d.project_id = $1 AND ${LIVE_DECISION}
          GROUP BY fold_name(d.topic) ORDER BY max(d.created_at) DESC LIMIT $2`,
        values: [projectId, limit],
      });
      return rows.map((row) => row.topic);
    },
  };
}
