import type { Pool } from 'pg';
import type { Project } from '../projects/resolve-project.js';

export interface AgentRow {
  id: string;
  name: string;
  clientVersion: string | null;
  host: string;
  pid: number;
}

export type AgentRepository = ReturnType<typeof createAgentRepository>;

export function createAgentRepository(pool: Pool) {
  return {
    /** Makes the project and the agent known, in one statement; again for the same agent it is a sign of life. */
    async connect(project: Project, agent: AgentRow): Promise<void> {
      await pool.query({
        name: 'agent_connect',
        text: `WITH project AS (
            INSERT INTO projects (id, root) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING
          ), activity AS (
            INSERT INTO activities (project_id, agent_id, type, description, metadata)
            VALUES ($1, $3, 'agent_connected', 'Connected: ' || $4::text, jsonb_build_object('worktree', $8::text))
          )
          INSERT INTO agents (id, project_id, name, client_version, host, pid, worktree)
          VALUES ($3, $1, $4, $5, $6, $7, $8)
          ON CONFLICT (id) DO UPDATE SET last_seen_at = now(), status = 'active', disconnected_at = NULL`,
        values: [
          project.id,
          project.root,
          agent.id,
          agent.name,
          agent.clientVersion,
          agent.host,
          agent.pid,
          project.worktree,
        ],
      });
    },

    async heartbeat(agentId: string): Promise<void> {
      await pool.query({
        name: 'agent_heartbeat',
        text: `UPDATE agents SET last_seen_at = now() WHERE id = $1 AND status <> 'disconnected'`,
        values: [agentId],
      });
    },

    /** Marks the agent disconnected and logs why; false when it already was. */
    async disconnect(agentId: string, reason: string): Promise<boolean> {
      const { rowCount } = await pool.query({
        name: 'agent_disconnect',
        text: `WITH gone AS (
            UPDATE agents SET status = 'disconnected', disconnected_at = now(), current_task = NULL
            WHERE id = $1 AND status <> 'disconnected' RETURNING project_id, name)
          INSERT INTO activities (project_id, agent_id, type, description, metadata)
          SELECT project_id, $1, 'agent_disconnected', 'Disconnected: ' || name, jsonb_build_object('reason', $2::text) FROM gone`,
        values: [agentId, reason],
      });
      return (rowCount ?? 0) > 0;
    },
  };
}
