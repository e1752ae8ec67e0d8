import type { Pool } from 'pg';

/** A lock of the past, as far as its order among others goes. */
export interface PastLock {
  key: string;
  isGlob: boolean;
  token: number;
}

/** What tells a stale holder from one that never held. */
export function createPastLocks(pool: Pool) {
  return {
    /** Locks that this agent lost (not those that it released) and did not get back. */
    async listLost(projectId: string, agentId: string): Promise<PastLock[]> {
      const { rows } = await pool.query<PastLock>({
        name: 'lock_lost',
        // Live and ended ones by an index each.
        text: `SELECT key, is_glob AS "isGlob", token::float8 AS token FROM (
            SELECT DISTINCT ON (key) * FROM (
              SELECT * FROM locks WHERE agent_id = $2 AND ended_at IS NULL
              UNION ALL SELECT * FROM locks WHERE agent_id = $2 AND ended_at IS NOT NULL
            ) own WHERE project_id = $1 ORDER BY key, token DESC
          ) last WHERE end_reason IN ('expired', 'forced', 'disconnected')`,
        values: [projectId, agentId],
      });
      return rows;
    },

    /** What others were granted after this token, of these paths or by a glob. */
    async listGrantedAfter(
      projectId: string,
      agentId: string,
      token: number,
      keys: readonly string[],
    ): Promise<(PastLock & { agentId: string; agentName: string })[]> {
      const { rows } = await pool.query({
        name: 'lock_granted_after',
        text: `SELECT l.key, l.is_glob AS "isGlob", l.token::float8 AS token, l.agent_id AS "agentId", a.name AS "agentName"
          FROM locks l JOIN agents a ON a.id = l.agent_id
          WHERE l.project_id = $1 AND l.agent_id <> $2 AND l.token > $3 AND (l.is_glob OR l.key = ANY($4))`,
        values: [projectId, agentId, token, keys],
      });
      return rows;
    },
  };
}
