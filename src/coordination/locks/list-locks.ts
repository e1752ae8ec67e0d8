import type { Pool } from 'pg';
import { addHolders } from '../names/read-agents.js';
import type { LiveLock, LockWaiter } from './lock-types.js';

const LIST_LOCKS = `SELECT l.id, l.project_id AS board, l.worktree, l.pattern, l.key, l.is_glob AS "isGlob", l.mode, l.token::float8 AS token, l.origin,
    l.acquired_at AS "acquiredAt", l.expires_at AS "expiresAt", l.agent_id AS "agentId", a.name AS "agentName",
    l.session_id AS "sessionId", coalesce(s.task, a.current_task) AS task,
    greatest(s.last_active_at, a.last_seen_at) AS "lastActive"
  FROM locks l JOIN agents a ON a.id = l.agent_id LEFT JOIN sessions s ON s.id = l.session_id
  WHERE l.project_id = ANY($1) AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()
  ORDER BY l.pattern, l.token`;

const LIST_WAITERS = `SELECT w.id::text, (w.request).patterns, (w.request).mode, w.agent_id AS "agentId",
    a.name AS "agentName", (w.request).session_id AS "sessionId", coalesce(s.task, a.current_task) AS task,
    w.waits_for AS "waitsFor", w.queued_at AS "queuedAt"
  FROM kept_positions w JOIN agents a ON a.id = w.agent_id LEFT JOIN sessions s ON s.id = (w.request).session_id
  WHERE w.board = ANY($1::text[] || ''::text) AND w.boards && $1::text[] ORDER BY w.id`;

/** What is held and waited for on boards. */
export function createLockLists(pool: Pool) {
  async function listLive(boards: readonly string[]): Promise<{ locks: LiveLock[]; now: Date }> {
    const { rows: locks } = await pool.query<Omit<LiveLock, 'holder'>>({
      name: 'lock_list',
      text: LIST_LOCKS,
      values: [boards],
    });
    const { rows } = await pool.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    return { locks: await addHolders(pool, locks), now: rows[0]?.now ?? new Date() };
  }

  return {
    /** Live locks of these boards, with the database's clock. */
    listLive,

    /** Live locks and the queue of these boards, with the database's clock. */
    async list(boards: readonly string[]): Promise<{ locks: LiveLock[]; waiters: LockWaiter[]; now: Date }> {
      const [live, waiters] = await Promise.all([
        listLive(boards),
        pool.query<Omit<LockWaiter, 'holder'>>({ name: 'lock_waiters', text: LIST_WAITERS, values: [boards] }),
      ]);
      return { ...live, waiters: await addHolders(pool, waiters.rows) };
    },
  };
}
