import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { isLive, isUnexpired } from '../../db/live-rows.js';
import type { MemoryKind } from '../memory-types.js';

export type Verdict = 'useful' | 'wrong';

export interface Mark {
  kind: MemoryKind;
  id: string;
  verdict: Verdict;
  /** That had found it; empty where it is not known. */
  query: string;
}

/** A live memory and a query, with the last verdict on both. */
export interface MarkedPair {
  query: string;
  id: string;
  verdict: Verdict;
}

/** Newest pairs that are read. */
const MAX_PAIRS = 5_000;

export type FeedbackRepository = ReturnType<typeof createFeedbackRepository>;

export function createFeedbackRepository(pool: Pool) {
  return {
    /** Those of the ids that the project has, live or not. */
    async findExisting(projectId: string, ids: readonly string[]): Promise<string[]> {
      const { rows } = await pool.query<{ id: string }>({
        name: 'feedback_existing',
        text: ['insights', 'decisions', 'stashes']
          .map((table) => `SELECT id FROM ${table} WHERE project_id = $1 AND id = ANY($2)`)
          .join(' UNION ALL '),
        values: [projectId, ids],
      });
      return rows.map(({ id }) => id);
    },

    /** Keeps the marks; a session's later word on the same memory and query replaces its earlier one. */
    async save(actor: Actor, marks: readonly Mark[]): Promise<void> {
      await pool.query({
        name: 'feedback_save',
        text: `INSERT INTO memory_marks (project_id, agent_id, session_id, owner_kind, owner_id, verdict, query, marked_by)
          SELECT $1, $2, $3, m.kind::memory_kind, m.id, m.verdict::mark_verdict, m.query,
            coalesce((SELECT client_session FROM agents WHERE id = $2), $2)
          FROM unnest($4::text[], $5::text[], $6::text[], $7::text[]) AS m(kind, id, verdict, query)
          ON CONFLICT (owner_id, marked_by, query) DO UPDATE SET verdict = excluded.verdict,
            agent_id = excluded.agent_id, session_id = excluded.session_id, created_at = now()`,
        values: [
          actor.projectId,
          actor.agentId,
          actor.sessionId,
          marks.map(({ kind }) => kind),
          marks.map(({ id }) => id),
          marks.map(({ verdict }) => verdict),
          marks.map(({ query }) => query),
        ],
      });
    },

    /** Pairs of which the query is known and the memory still answers. */
    async listPairs(projectId: string): Promise<MarkedPair[]> {
      const { rows } = await pool.query<MarkedPair>(
        `SELECT query, owner_id AS id, verdict FROM (
            SELECT DISTINCT ON (query, owner_id) query, owner_id, verdict, created_at FROM memory_marks
            WHERE project_id = $1 AND query <> '' ORDER BY query, owner_id, created_at DESC
          ) m
          WHERE owner_id IN (
            SELECT id FROM insights WHERE project_id = $1 AND ${isLive()}
            UNION ALL SELECT id FROM decisions WHERE project_id = $1 AND ${isLive()}
            UNION ALL SELECT id FROM stashes WHERE project_id = $1 AND ${isLive()} AND ${isUnexpired()}
          )
          ORDER BY created_at DESC LIMIT ${MAX_PAIRS}`,
        [projectId],
      );
      return rows;
    },
  };
}
