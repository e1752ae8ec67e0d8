import type { Pool } from 'pg';

/** Tasks by their ids, which agents pass as handles. */
export function createTaskLookup(pool: Pool) {
  return {
    /** The agent whose task this is, or that has this id; null where the project has none such. */
    async findHolder(projectId: string, handle: string): Promise<string | null> {
      const { rows } = await pool.query<{ agentId: string }>({
        name: 'session_holder',
        text: `SELECT agent_id AS "agentId" FROM sessions WHERE id = $2 AND project_id = $1 AND subagent IS NULL
          UNION ALL SELECT id FROM agents WHERE id = $2 AND project_id = $1`,
        values: [projectId, handle],
      });
      return rows[0]?.agentId ?? null;
    },

    /** Ids of the project's newest tasks that begin so. */
    async listIds(projectId: string, prefix: string, limit: number): Promise<string[]> {
      const { rows } = await pool.query<{ id: string }>({
        name: 'session_ids',
        text: `SELECT id FROM sessions WHERE project_id = $1 AND subagent IS NULL AND starts_with(id, $2)
          ORDER BY started_at DESC LIMIT $3`,
        values: [projectId, prefix, limit],
      });
      return rows.map(({ id }) => id);
    },
  };
}
