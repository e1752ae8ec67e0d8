import type { Pool } from 'pg';
import { isLive, isUnexpired } from '../../db/live-rows.js';
import { FENCE, hiddenColumn, unknownLength } from '../../db/planner-hints.js';
import { type AuthorFacts, SELECT_AUTHOR } from '../authors/author-facts.js';
import { MAX_COMPARED_DECISIONS, MIN_CONTRADICTION_COSINE } from '../decisions/contradiction.js';
import { countWrong } from '../feedback/marks-sql.js';
import type { MemoryKind } from '../memory-types.js';
import { MAX_PATHS } from '../origins/name-files.js';
import { selectOrigin } from '../origins/origin-repository.js';
import type { MemoryOrigin } from '../origins/origin-types.js';

export interface RecalledMemory {
  kind: MemoryKind;
  id: string;
  /** An insight's key, a decision's topic, a stash's name. */
  label: string | null;
  /** Perhaps only its beginning; of a decision without its reasoning. */
  content: string;
  /** Of a decision: null when it has none, or when the decision alone is as long as may be read. */
  reasoning: string | null;
  /** Characters of both that were not read. */
  unreadChars: number;
  tags: string[];
  /** The first of them, up to MAX_PATHS. */
  files: string[];
  version: number;
  /** Sessions that marked it wrong. */
  wrongSessions: number;
  /** Where it was written, as far as that was noted. */
  origin: MemoryOrigin | null;
  author: AuthorFacts | null;
  sessionId: string | null;
  createdAt: Date;
  now: Date;
}

export interface LaterDecision {
  ownerId: string;
  decisionId: string;
  topic: string;
  decision: string;
}

export type RecallRepository = ReturnType<typeof createRecallRepository>;

/** Characters of a later decision that a hit shows. */
export const MAX_MARKER_CHARS = 400;

/** Rows of the ids $2, by those alone. */
const byId = (table: string): string =>
  `(SELECT * FROM ${table} WHERE id = ANY(${unknownLength('$2')}) ${FENCE}) ${table}`;

export function createRecallRepository(pool: Pool) {
  return {
    /**
     * The live memories of these ids with author and time, in no order.
     * @param maxChars of each that are read: the answer has no room for more
     */
    async findByIds(projectId: string, ids: readonly string[], maxChars: number): Promise<RecalledMemory[]> {
      const { rows } = await pool.query<RecalledMemory>({
        name: 'recall_by_ids',
        text: `SELECT m.kind, m.id, m.label, left(m.content, $3) AS content,
            nullif(left(m.reasoning, greatest($3 - char_length(m.content), 0)), '') AS reasoning,
            greatest(char_length(m.content) + coalesce(char_length(m.reasoning), 0) - $3, 0) AS "unreadChars",
            to_json(m.tags) AS tags,
            to_json(m.files[1:${MAX_PATHS}]) AS files, m.version, ${SELECT_AUTHOR},
            m."sessionId", m."createdAt", now() AS now, ${countWrong('m.id')} AS "wrongSessions",
            ${selectOrigin('m.id')} FROM (
            SELECT 'insight' AS kind, id, key AS label, content, NULL AS reasoning, tags, '{}'::text[] AS files,
                   version, created_by, session_id AS "sessionId", created_at AS "createdAt"
              FROM ${byId('insights')} WHERE project_id = $1 AND ${isLive()}
            UNION ALL
            SELECT 'decision', id, topic, decision, reasoning, '{}', '{}', version, created_by, session_id, created_at
              FROM ${byId('decisions')} WHERE project_id = $1 AND ${isLive()}
            UNION ALL
            SELECT 'stash', id, name, summary, NULL, '{}', files, version, created_by, session_id, created_at
              FROM ${byId('stashes')} WHERE project_id = $1 AND ${isLive()}
                AND ${isUnexpired()}
          ) m LEFT JOIN agents a ON a.id = m.created_by`,
        values: [projectId, ids, maxChars],
      });
      return rows;
    },

    /** Whether some memories of these kinds still lack a vector. */
    async isEmbedding(projectId: string, kinds: readonly MemoryKind[]): Promise<boolean> {
      const { rows } = await pool.query<{ isEmbedding: boolean }>({
        name: 'recall_is_embedding',
        text: `SELECT EXISTS (SELECT FROM passages
            WHERE ${hiddenColumn('project_id')} = $1 AND owner_kind = ANY($2) AND embedded_at IS NULL) AS "isEmbedding"`,
        values: [projectId, kinds],
      });
      return rows[0]?.isEmbedding ?? false;
    },

    /**
     * For each memory the live decision that was made after it on the same matter: the newest of its own name, else the
     * nearest by meaning.
     */
    async findLaterDecisions(projectId: string, ids: readonly string[]): Promise<LaterDecision[]> {
      const { rows } = await pool.query<LaterDecision>({
        name: 'recall_later_decisions',
        text: `WITH own AS MATERIALIZED (
            SELECT id, fold_name(label) AS name, created_at FROM (
              SELECT id, key AS label, created_at FROM ${byId('insights')}
              UNION ALL SELECT id, topic, created_at FROM ${byId('decisions')}
              UNION ALL SELECT id, name, created_at FROM ${byId('stashes')}
            ) m
          ), hits AS MATERIALIZED (
            SELECT o.id AS owner_id, o.created_at, p.embedding FROM (
              SELECT * FROM passages WHERE owner_kind = ANY('{stash,insight,decision}') AND owner_id = ANY($2) ${FENCE}
            ) p JOIN own o ON o.id = p.owner_id WHERE p.embedding IS NOT NULL
          ), later AS MATERIALIZED (
            SELECT d.id, d.topic, left(d.decision, ${MAX_MARKER_CHARS}) AS decision, d.created_at, fold_name(d.topic) AS name
            FROM decisions d
            WHERE d.project_id = $1 AND ${isLive('d.')}
              AND d.created_at > (SELECT min(created_at) FROM own)
            ORDER BY d.created_at DESC LIMIT ${MAX_COMPARED_DECISIONS}
          ), compared AS (
            SELECT o.id AS owner_id, l.*, -1 AS distance
            FROM later l JOIN own o ON l.created_at > o.created_at AND l.id <> o.id AND l.name = o.name
            UNION ALL
            SELECT h.owner_id, l.*, h.embedding <=> dp.embedding
            FROM later l
            CROSS JOIN LATERAL (
              SELECT embedding FROM passages WHERE owner_kind = 'decision' AND owner_id = l.id ${FENCE}
            ) dp
            JOIN hits h ON l.created_at > h.created_at AND l.id <> h.owner_id
            WHERE dp.embedding IS NOT NULL
          )
          SELECT DISTINCT ON (owner_id) owner_id AS "ownerId", id AS "decisionId", topic, decision
          FROM compared WHERE distance < ${1 - MIN_CONTRADICTION_COSINE} ORDER BY owner_id, distance, created_at DESC`,
        values: [projectId, ids],
      });
      return rows;
    },
  };
}
