import type { Pool } from 'pg';
import type { EndedLock } from './lock-types.js';

export interface KeptQueue {
  /** Boards with locks whose time is up. */
  due: string[];
  /** Agents in the way whose process is dead. */
  dead: string[];
  /** Another process has just ceased to renew its positions: those behind them may move up. */
  lapsed: boolean;
  /** Positions that are to ask again. */
  retry: string[];
}

/** The statements of those who wait in the queue. */
export function createQueueStatements(pool: Pool) {
  return {
    /** Renews the positions of this process, and looks for what no signal tells of: prisma/functions/keep_queue.sql. */
    async keepQueue(keeper: string, boards: readonly string[], positions: readonly string[]): Promise<KeptQueue> {
      const { rows } = await pool.query<{ kept: KeptQueue }>({
        name: 'lock_keep_queue',
        text: 'SELECT keep_queue($1, $2, $3) AS kept',
        values: [keeper, boards, positions],
      });
      const kept = rows[0]?.kept ?? { due: [], dead: [], lapsed: false, retry: [] };
      return { ...kept, retry: kept.retry.map(String) };
    },

    /** Ends the locks of a board whose time is up. */
    async expire(board: string): Promise<EndedLock[]> {
      const { rows } = await pool.query<EndedLock>({
        name: 'lock_expire',
        text: 'SELECT e.id, e.pattern, e.agent_id AS "agentId" FROM expire_locks($1) e',
        values: [board],
      });
      return rows;
    },

    /** Gives up a position in the queue, and what was granted to it meanwhile: the locks with these ids. */
    async leaveQueue(waiter: string, ids: readonly string[]): Promise<void> {
      await pool.query({ name: 'lock_leave', text: 'SELECT leave_queue($1, $2)', values: [waiter, ids] });
    },
  };
}
