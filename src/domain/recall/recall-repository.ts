import type { Pool } from 'pg';
import type { MemoryKind } from '../memory/memory-types.js';
import { MAX_PATHS } from './find-changed-files.js';

export interface RecalledMemory {
  kind: MemoryKind;
  id: string;
  /** An insight's key, a decision's topic, a stash's name. */
  label: string | null;
  /** Perhaps only its beginning. */
  content: string;
  /** Characters that were not read. */
  unreadChars: number;
  tags: string[];
  /** The first of them, as many as are looked for. */
  files: string[];
  version: number;
  author: string | null;
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

/**
 * A decision made after a memory and this near to it in meaning is worth reading before the memory is believed.
 * Cosine of all-MiniLM-L6-v2; unrelated English texts lie under 0.3, paraphrases over 0.7.
 */
const ON_THE_SAME_MATTER = 0.55;
/** Of such a decision: a marker, not the answer. */
const MARKER_CHARS = 400;

export function createRecallRepository(pool: Pool) {
  return {
    /**
     * The live memories of these ids with author and time, in no order.
     * @param mostChars of each that are read: a long text is of no use to an answer that has no room for it
     */
    async findByIds(projectId: string, ids: readonly string[], mostChars: number): Promise<RecalledMemory[]> {
      const { rows } = await pool.query<RecalledMemory>({
        name: 'recall_by_ids',
        text: `SELECT m.kind, m.id, m.label, left(m.content, $3) AS content,
            greatest(char_length(m.content) - $3, 0) AS "unreadChars", to_json(m.tags) AS tags,
            to_json(m.files[1:${MAX_PATHS}]) AS files, m.version, a.name AS author,
            m."sessionId", m."createdAt", now() AS now FROM (
            SELECT 'insight' AS kind, id, key AS label, content, tags, '{}'::text[] AS files, version, created_by,
                   session_id AS "sessionId", created_at AS "createdAt"
              FROM insights WHERE project_id = $1 AND id = ANY($2) AND superseded_by IS NULL AND forgotten_at IS NULL
            UNION ALL
            SELECT 'decision', id, topic, concat_ws(E'\\n', decision, 'Reasoning: ' || reasoning), '{}', '{}', version, created_by,
                   session_id, created_at
              FROM decisions WHERE project_id = $1 AND id = ANY($2) AND superseded_by IS NULL AND forgotten_at IS NULL
            UNION ALL
            SELECT 'stash', id, name, summary, '{}', files, version, created_by, session_id, created_at
              FROM stashes WHERE project_id = $1 AND id = ANY($2) AND superseded_by IS NULL AND forgotten_at IS NULL
                AND (expires_at IS NULL OR expires_at > now())
          ) m LEFT JOIN agents a ON a.id = m.created_by`,
        values: [projectId, ids, mostChars],
      });
      return rows;
    },

    /** For each memory the newest live decision that was made after it on the same matter, by meaning. */
    async findLaterDecisions(projectId: string, ids: readonly string[]): Promise<LaterDecision[]> {
      const { rows } = await pool.query<LaterDecision>({
        name: 'recall_later_decisions',
        text: `SELECT DISTINCT ON (p.owner_id) p.owner_id AS "ownerId", d.id AS "decisionId", d.topic,
            left(d.decision, ${MARKER_CHARS}) AS decision
          FROM passages p
          JOIN passages dp ON dp.project_id = $1 AND dp.owner_kind = 'decision' AND dp.embedding IS NOT NULL
          JOIN decisions d ON d.id = dp.owner_id AND d.id <> p.owner_id
          WHERE p.project_id = $1 AND p.owner_id = ANY($2) AND p.embedding IS NOT NULL
            AND dp.created_at > p.created_at AND p.embedding <=> dp.embedding < ${1 - ON_THE_SAME_MATTER}
          ORDER BY p.owner_id, p.embedding <=> dp.embedding`,
        values: [projectId, ids],
      });
      return rows;
    },
  };
}
