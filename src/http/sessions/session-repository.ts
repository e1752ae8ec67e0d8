import type { Pool } from 'pg';

/** A session as any server process can take it up. */
export interface StoredSession {
  id: string;
  agentId: string;
  memberId: string;
  person: string;
  /** Parameters of its `initialize`. */
  initialize: Record<string, unknown>;
}

/** A session that no server process keeps alive ends after this long, in seconds. */
const LEASE_SECONDS = 30;

export type SessionRepository = ReturnType<typeof createHttpSessionRepository>;

/** @param process this server process */
export function createHttpSessionRepository(pool: Pick<Pool, 'query'>, process: string) {
  return {
    async add({ id, agentId, memberId, person, initialize }: StoredSession): Promise<void> {
      await pool.query({
        name: 'http_session_add',
        text: `INSERT INTO http_sessions (id, agent_id, member_id, person, initialize, process)
          VALUES ($1, $2, $3, $4, $5, $6)`,
        values: [id, agentId, memberId, person, JSON.stringify(initialize), process],
      });
    },

    /**
     * A request of a member for a session: this process answers it.
     * @returns the session, and whether this process answered the one before; null for one that has ended, or is another member's
     */
    async answer(id: string, memberId: string): Promise<(StoredSession & { wasHere: boolean }) | null> {
      const { rows } = await pool.query<StoredSession & { wasHere: boolean }>({
        name: 'http_session_answer',
        text: `WITH before AS (SELECT process FROM http_sessions WHERE id = $1)
          UPDATE http_sessions s SET process = $3, seen_at = now() FROM before b WHERE s.id = $1 AND s.member_id = $2
          RETURNING s.id, s.agent_id AS "agentId", s.member_id AS "memberId", s.person, s.initialize,
            b.process = $3 AS "wasHere"`,
        values: [id, memberId, process],
      });
      return rows[0] ?? null;
    },

    /**
     * A request of a member for an agent of the revision without sessions: this process answers it. The row is made, and made
     * again after it has ended.
     * @returns whether another process answered the one before; null for another member's agent
     */
    async lease({ id, agentId, memberId, person }: Omit<StoredSession, 'initialize'>): Promise<{
      isStale: boolean;
    } | null> {
      const { rows } = await pool.query<{ isStale: boolean }>({
        name: 'http_session_lease',
        text: `WITH before AS (SELECT process FROM http_sessions WHERE id = $1),
          owner AS (SELECT member_id FROM agents WHERE id = $2)
          INSERT INTO http_sessions AS s (id, agent_id, member_id, person, initialize, process)
          SELECT $1, $2, $3, $4, '{}', $5 WHERE NOT EXISTS (SELECT FROM owner WHERE member_id IS DISTINCT FROM $3)
          ON CONFLICT (id) DO UPDATE SET process = $5, seen_at = now() WHERE s.member_id = $3
          RETURNING coalesce((SELECT b.process <> $5 FROM before b), false) AS "isStale"`,
        values: [id, agentId, memberId, person, process],
      });
      return rows[0] ?? null;
    },

    /** Keeps sessions alive that this process has. @returns those that are still there */
    async keep(ids: readonly string[]): Promise<Set<string>> {
      if (ids.length === 0) return new Set();
      const { rows } = await pool.query<{ id: string }>({
        name: 'http_session_keep',
        text: 'UPDATE http_sessions SET seen_at = now() WHERE id = ANY($1) RETURNING id',
        values: [ids],
      });
      return new Set(rows.map(({ id }) => id));
    },

    async remove(id: string): Promise<void> {
      await pool.query('DELETE FROM http_sessions WHERE id = $1', [id]);
    },

    /** Ends a session that is silent here, unless another process has answered it since. @returns whether it has ended */
    async removeOwn(id: string): Promise<boolean> {
      const { rowCount } = await pool.query('DELETE FROM http_sessions WHERE id = $1 AND process = $2', [id, process]);
      return rowCount === 1;
    },

    /** Ends those that nobody keeps alive. @returns their agents */
    async removeForsaken(): Promise<string[]> {
      const { rows } = await pool.query<{ agentId: string }>(
        `DELETE FROM http_sessions WHERE seen_at < now() - make_interval(secs => ${LEASE_SECONDS})
         RETURNING agent_id AS "agentId"`,
      );
      return rows.map(({ agentId }) => agentId);
    },
  };
}
