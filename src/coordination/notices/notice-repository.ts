import type { Pool } from 'pg';

/** What an agent is told with its next answer. */
export interface Notice {
  /** `announcement`, `lock_lost`, `lock_expiring`, `superseded`, `shell_write`. */
  kind: string;
  message: string;
  data: Record<string, unknown>;
  createdAt: Date;
}

/** Most notices of one answer; the rest comes with the next. */
export const MAX_AT_ONCE = 10;

export type NoticeRepository = ReturnType<typeof createNoticeRepository>;

export function createNoticeRepository(pool: Pool) {
  return {
    /** The agent's notices, oldest first; they are gone with this. */
    async drain(agentId: string): Promise<Notice[]> {
      const { rows } = await pool.query<Notice>({
        name: 'notice_drain',
        text: `WITH taken AS (
            DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE agent_id = $1 ORDER BY id LIMIT ${MAX_AT_ONCE})
            RETURNING *
          ) SELECT kind, message, data, created_at AS "createdAt" FROM taken ORDER BY id`,
        values: [agentId],
      });
      return rows;
    },

    /** Leaves a notice for an agent and tells its front. */
    async leave(projectId: string, agentId: string, notice: Omit<Notice, 'createdAt'>): Promise<void> {
      await pool.query({
        name: 'notice_leave',
        text: 'SELECT leave_notice($1, $2, $3, $4, $5)',
        values: [projectId, agentId, notice.kind, notice.message, notice.data],
      });
    },
  };
}
