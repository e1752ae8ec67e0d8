import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { isLive } from '../../db/live-rows.js';
import { FENCE, hiddenColumn } from '../../db/planner-hints.js';
import { activityCte, CUT_PASSAGE_IDS, passageCtes } from '../passages/write-sql.js';
import { REPLACED, type ReplacedVersion, replacedCtes, toReplaced } from '../versions/replaced-sql.js';

export interface NewInsight {
  id: string;
  key: string | null;
  content: string;
  tags: string[];
}

export interface SavedInsight {
  id: string;
  key: string | null;
  version: number;
  createdAt: Date;
  /** The version this one replaced. */
  replacedId: string | null;
  /** That version, when it is of another agent and says something else. */
  replaced: ReplacedVersion | null;
  passageIds: string[];
}

export interface SimilarCandidate {
  id: string;
  key: string | null;
  content: string;
}

/** Rows that are compared with a new insight. */
const MAX_SIMILAR_CANDIDATES = 10;

export type InsightRepository = ReturnType<typeof createInsightRepository>;

// `after_old` makes the INSERT wait for the UPDATE in every plan: the live-key index allows one live row.
const SAVE = `WITH old AS (
    UPDATE insights SET superseded_by = $2, superseded_at = now()
    WHERE project_id = $1 AND fold_name(key) = fold_name($3) AND ${isLive()}
    RETURNING id, version, key AS label, content AS text, content IS DISTINCT FROM $4 AS differs, created_by, created_at
  ), after_old AS (
    SELECT count(*) FROM old
  ), written AS (
    INSERT INTO insights (id, project_id, key, version, content, tags, created_by, session_id)
    SELECT $2, $1, $3, 1 + coalesce((SELECT max(version) FROM insights WHERE project_id = $1 AND fold_name(key) = fold_name($3)), 0), $4, $5, $6, $7
    FROM after_old
    RETURNING *, insight_search_text(key, content, tags) AS body, NULL::timestamptz AS expires_at
  ), ${passageCtes('insight')}, ${activityCte('insight', 'coalesce(w.key, left(w.content, 80))')},
  ${replacedCtes('insight', '$6', 'left($4, 200)')}
  SELECT w.id, w.key, w.version, w.created_at, (SELECT id FROM old) AS replaced_id, ${CUT_PASSAGE_IDS}, ${REPLACED}
  FROM written w`;

export function createInsightRepository(pool: Pool) {
  return {
    /** Saves an insight, its passages and its activity in one statement. A live insight of the same key is superseded. */
    async save(actor: Actor, insight: NewInsight): Promise<SavedInsight> {
      const { rows } = await pool.query({
        name: 'insight_save',
        text: SAVE,
        values: [
          actor.projectId,
          insight.id,
          insight.key,
          insight.content,
          insight.tags,
          actor.agentId,
          actor.sessionId,
        ],
      });
      const row = rows[0];
      return {
        id: row.id,
        key: row.key,
        version: row.version,
        createdAt: row.created_at,
        replacedId: row.replaced_id,
        replaced: toReplaced(row.replaced),
        passageIds: row.passage_ids,
      };
    },

    /** An equal insight of the last minutes: a call that was sent again after a lost connection had already saved it. */
    async findRecentEqual(actor: Actor, insight: Omit<NewInsight, 'id'>): Promise<SavedInsight | null> {
      const { rows } = await pool.query(
        `SELECT id, key, version, created_at FROM insights
         WHERE project_id = $1 AND content = $2 AND key IS NOT DISTINCT FROM $3 AND tags = $4
           AND ${isLive()} AND created_at > now() - interval '10 minutes'
         ORDER BY created_at DESC LIMIT 1`,
        [actor.projectId, insight.content, insight.key, insight.tags],
      );
      const row = rows[0];
      return row
        ? {
            id: row.id,
            key: row.key,
            version: row.version,
            createdAt: row.created_at,
            replacedId: null,
            replaced: null,
            passageIds: [],
          }
        : null;
    },

    /**
     * Live insights whose words (as english lexemes) match a tsquery; any MAX_SIMILAR_CANDIDATES of them.
     * @param maxChars of each that are read
     */
    async findSimilar(projectId: string, query: string, maxChars: number): Promise<SimilarCandidate[]> {
      const { rows } = await pool.query<SimilarCandidate>({
        name: 'insight_similar',
        text: `SELECT i.id, i.key, left(i.content, $3) AS content FROM (
            SELECT owner_id FROM passages
            WHERE ${hiddenColumn('project_id')} = $1 AND ${hiddenColumn('owner_kind')} = 'insight' AND tsv @@ to_tsquery('english', $2)
            LIMIT ${MAX_SIMILAR_CANDIDATES}
          ) f CROSS JOIN LATERAL (SELECT * FROM insights WHERE id = f.owner_id ${FENCE}) i`,
        values: [projectId, query, maxChars],
      });
      return rows;
    },
  };
}
