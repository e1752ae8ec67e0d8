import type { Pool } from 'pg';
import type { AgentFacts } from '../../text/word-agent.js';
import { refreshBranch } from '../names/read-agents.js';

/** A lock of the past, as far as its order among others goes. */
export interface PastLock {
  board: string;
  worktree: string;
  key: string;
  isGlob: boolean;
  token: number;
}

const PLACE = 'project_id AS board, worktree, key, is_glob AS "isGlob", token::float8 AS token';

/** What tells a stale holder from one that never held. */
export function createPastLocks(pool: Pool) {
  return {
    /** Those of these live locks that are not older. @param sinceMs ms since 1970, by this machine's clock */
    async listSince(ids: readonly string[], sinceMs: number): Promise<string[]> {
      if (ids.length === 0) return [];
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM locks WHERE id = ANY($1) AND ended_at IS NULL
           AND acquired_at >= to_timestamp($2::float8 / 1000)`,
        [ids, sinceMs],
      );
      return rows.map(({ id }) => id);
    },

    /** Locks that this agent lost (not those that it released) and did not get back. */
    async listLost(agentId: string): Promise<PastLock[]> {
      const { rows } = await pool.query<PastLock>({
        name: 'lock_lost',
        // Live and ended ones by an index each.
        text: `SELECT ${PLACE} FROM (
            SELECT DISTINCT ON (project_id, worktree, key) * FROM (
              SELECT * FROM locks WHERE agent_id = $1 AND ended_at IS NULL
              UNION ALL SELECT * FROM locks WHERE agent_id = $1 AND ended_at IS NOT NULL
            ) own ORDER BY project_id, worktree, key, token DESC
          ) last WHERE end_reason IN ('expired', 'forced', 'disconnected')`,
        values: [agentId],
      });
      return rows;
    },

    /** What others were granted on these boards after this token, of these paths or by a glob. */
    async listGrantedAfter(
      boards: readonly string[],
      agentId: string,
      token: number,
      keys: readonly string[],
    ): Promise<(PastLock & { holder: AgentFacts })[]> {
      const { rows } = await pool.query({
        name: 'lock_granted_after',
        text: `SELECT l.*, agent_facts(a) AS holder FROM (
            SELECT ${PLACE}, agent_id AS "agentId" FROM locks
            WHERE project_id = ANY($1) AND agent_id <> $2 AND token > $3 AND (is_glob OR key = ANY($4))
          ) l JOIN agents a ON a.id = l."agentId"`,
        values: [boards, agentId, token, keys],
      });
      return await Promise.all(rows.map(async (row) => ({ ...row, holder: await refreshBranch(row.holder) })));
    },
  };
}
