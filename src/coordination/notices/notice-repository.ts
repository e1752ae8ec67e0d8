import type { Pool } from 'pg';
import type { Notice, SupersededFacts } from './notice-types.js';

/** Most notices that are read for one answer; the rest comes with the next. The answer shows what fits, and counts the others. */
export const MAX_AT_ONCE = 100;

export type NoticeRepository = ReturnType<typeof createNoticeRepository>;

/**
 * Notices are left by the SQL function leave_notice, in the statement of the event that they tell of. Their rows are the one
 * cursor of delivery: the answer or hook that deletes a row delivers it, in any process.
 */
export function createNoticeRepository(pool: Pool) {
  return {
    /** The agent's notices, oldest first; they are deleted with this. */
    async drain(agentId: string): Promise<Notice[]> {
      const { rows } = await pool.query<Notice>({
        name: 'notice_drain',
        text: `WITH taken AS (
            DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE agent_id = $1 ORDER BY id LIMIT ${MAX_AT_ONCE})
            RETURNING *
          ) SELECT kind, facts, created_at AS "createdAt" FROM taken ORDER BY id`,
        values: [agentId],
      });
      return rows;
    },

    /** Tells the agent of decisions that it was given and that were superseded since. */
    async leaveSuperseded(agentId: string, facts: readonly SupersededFacts[]): Promise<void> {
      await pool.query({
        name: 'notice_superseded',
        text: `SELECT leave_notice(a.project_id, a.id, 'superseded', f) FROM agents a, jsonb_array_elements($2::jsonb) f
          WHERE a.id = $1`,
        values: [agentId, JSON.stringify(facts)],
      });
    },
  };
}
