// Agents and their locks, looked at in the database.
import type { Pool } from 'pg';
import { waitUntil } from '../setup/wait-until.js';
import type { TestClient } from './client.js';

export async function agentIdOf(client: TestClient): Promise<string> {
  return (await client.call<{ agent_id: string }>('ping')).agent_id;
}

export interface AgentState {
  status: string;
  liveLocks: number;
  activeSessions: number;
  /** Why it was disconnected, each time. */
  reasons: string[];
}

export async function readAgent(pool: Pool, agentId: string): Promise<AgentState> {
  const { rows } = await pool.query<AgentState>(
    `SELECT a.status,
       (SELECT count(*)::int FROM locks WHERE agent_id = a.id AND ended_at IS NULL) AS "liveLocks",
       (SELECT count(*)::int FROM sessions WHERE agent_id = a.id AND status = 'active') AS "activeSessions",
       (SELECT coalesce(array_agg(metadata->>'reason' ORDER BY id), '{}') FROM activities
         WHERE agent_id = a.id AND type = 'agent_disconnected') AS reasons
     FROM agents a WHERE id = $1`,
    [agentId],
  );
  const [state] = rows;
  if (!state) throw new Error(`there is no agent ${agentId}`);
  return state;
}

/** Resolves when the agent is gone and holds nothing; returns how long that took, in ms. */
export async function untilGone(pool: Pool, agentId: string): Promise<number> {
  const started = performance.now();
  await waitUntil(
    async () => {
      const { status, liveLocks, activeSessions } = await readAgent(pool, agentId);
      return status === 'disconnected' && liveLocks === 0 && activeSessions === 0;
    },
    `agent ${agentId} to be gone`,
    { intervalMs: 10 },
  );
  return performance.now() - started;
}

/** In the first ten seconds of a database's life no process is taken for dead (agent_liveness); resolves when they are over. */
export async function untilDeathCounts(pool: Pool): Promise<void> {
  await pool.query(
    'SELECT pg_sleep(greatest(0, 10.1 - extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())))',
  );
}
