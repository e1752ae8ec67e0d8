import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import type { EndedLock, LiveLock, LockEndReason, LockWaiter } from './lock-types.js';
import { createPastLocks } from './past-locks.js';
import { type AcquireAttempt, type AttemptResult, lookupKey, requestLocks } from './request-locks.js';

export type LockRepository = ReturnType<typeof createLockRepository>;

const LIST_LOCKS = `SELECT l.id, l.pattern, l.key, l.is_glob AS "isGlob", l.mode, l.token::float8 AS token, l.origin,
    l.acquired_at AS "acquiredAt", l.expires_at AS "expiresAt", l.agent_id AS "agentId", a.name AS "agentName",
    l.session_id AS "sessionId", coalesce(s.task, a.current_task) AS task,
    greatest(s.last_active_at, a.last_seen_at) AS "lastActive"
  FROM locks l JOIN agents a ON a.id = l.agent_id LEFT JOIN sessions s ON s.id = l.session_id
  WHERE l.project_id = $1 AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()
  ORDER BY l.pattern, l.token`;

const LIST_WAITERS = `SELECT w.id::text, (w.request).patterns, (w.request).mode, w.agent_id AS "agentId",
    a.name AS "agentName", (w.request).session_id AS "sessionId", coalesce(s.task, a.current_task) AS task,
    w.waits_for AS "waitsFor", w.queued_at AS "queuedAt"
  FROM lock_waiters w JOIN agents a ON a.id = w.agent_id LEFT JOIN sessions s ON s.id = (w.request).session_id
  WHERE w.project_id = $1 AND w.alive_until > clock_timestamp() ORDER BY w.id`;

/** Locks in SQL. What is granted is decided by the function acquire_locks; see prisma/functions. */
export function createLockRepository(pool: Pool) {
  return {
    /** One attempt, one transaction: grants everything or nothing. */
    acquire: (actor: Actor, attempt: AcquireAttempt): Promise<AttemptResult> => requestLocks(pool, actor, attempt),

    /** Gives up a position in the queue, and what was granted to it meanwhile: the locks with these ids. */
    async leaveQueue(waiter: string, ids: readonly string[]): Promise<void> {
      await pool.query({ name: 'lock_leave', text: 'SELECT leave_queue($1, $2)', values: [waiter, ids] });
    },

    /** Live locks of the actor: of its session and of the agent itself, or, without a session, all of the agent. */
    async listOwn(actor: Actor): Promise<{ id: string; pattern: string; key: string; isGlob: boolean }[]> {
      const { rows } = await pool.query({
        name: 'lock_own',
        text: `SELECT l.id, l.pattern, l.key, l.is_glob AS "isGlob" FROM locks l
          WHERE l.agent_id = $1 AND l.ended_at IS NULL AND is_same_owner($1, $2, l.agent_id, l.session_id)
            AND l.expires_at > clock_timestamp()`,
        values: [actor.agentId, actor.sessionId],
      });
      return rows;
    },

    /** Releases the actor's locks on exactly these paths; those that ended before, for whatever reason, are passed over. */
    async releasePaths(actor: Actor, paths: readonly string[]): Promise<(EndedLock & { key: string })[]> {
      const { rows } = await pool.query({
        name: 'lock_release_paths',
        text: `SELECT e.id, e.pattern, e.key, e.agent_id AS "agentId" FROM release_locks($1, $2, $3, $4, $5) e`,
        values: [
          actor.projectId,
          actor.agentId,
          actor.sessionId,
          paths,
          paths.map((path) => lookupKey(actor.projectId, path)),
        ],
      });
      return rows;
    },

    /** Ends live locks by id. */
    async end(
      ids: readonly string[],
      reason: Extract<LockEndReason, 'released' | 'forced'>,
      note: string | null,
    ): Promise<EndedLock[]> {
      const { rows } = await pool.query({
        name: 'lock_end',
        text: `SELECT e.id, e.pattern, e.agent_id AS "agentId" FROM end_locks($1, $2, $3) e`,
        values: [ids, reason, note],
      });
      return rows;
    },

    /** Live locks and the queue of a project, with the database's clock. */
    async list(projectId: string): Promise<{ locks: LiveLock[]; waiters: LockWaiter[]; now: Date }> {
      const [locks, waiters] = await Promise.all([
        pool.query<LiveLock>({ name: 'lock_list', text: LIST_LOCKS, values: [projectId] }),
        pool.query<LockWaiter>({ name: 'lock_waiters', text: LIST_WAITERS, values: [projectId] }),
      ]);
      const { rows } = await pool.query<{ now: Date }>('SELECT clock_timestamp() AS now');
      return { locks: locks.rows, waiters: waiters.rows, now: rows[0]?.now ?? new Date() };
    },

    ...createPastLocks(pool),
  };
}
