import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { retry } from '../../async/retry.js';
import { isSerializationFailure } from '../../db/database-errors.js';
import { addHolders } from '../names/read-agents.js';
import { lookupKey } from './list-ancestors.js';
import type { EndedLock, LiveLock, LockEndReason, LockWaiter, OwnLock, PlacedPattern } from './lock-types.js';
import { createPastLocks } from './past-locks.js';
import { type AcquireAttempt, type AttemptResult, pathOf, requestLocks } from './request-locks.js';

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

export type LockRepository = ReturnType<typeof createLockRepository>;

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

/** Locks in SQL. What is granted is decided by the function acquire_locks; see prisma/functions. */
export function createLockRepository(pool: Pool) {
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
    /** One attempt, one transaction: grants everything or nothing. */
    acquire: (actor: Actor, attempt: AcquireAttempt): Promise<AttemptResult> => requestLocks(pool, actor, attempt),

    /** Gives up a position in the queue, and what was granted to it meanwhile: the locks with these ids. */
    async leaveQueue(waiter: string, ids: readonly string[]): Promise<void> {
      await pool.query({ name: 'lock_leave', text: 'SELECT leave_queue($1, $2)', values: [waiter, ids] });
    },

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

    /** Live locks of the actor: of its session and of the agent itself, or, without a session, all of the agent. */
    async listOwn(actor: Actor): Promise<OwnLock[]> {
      const { rows } = await pool.query<OwnLock>({
        name: 'lock_own',
        text: `SELECT l.id, l.project_id AS board, l.worktree, l.pattern, l.key, l.is_glob AS "isGlob",
            l.literal_prefix AS "literalPrefix" FROM locks l
          WHERE l.agent_id = $1 AND l.ended_at IS NULL AND is_same_owner($1, $2, l.agent_id, l.session_id)
            AND l.expires_at > clock_timestamp()`,
        values: [actor.agentId, actor.sessionId],
      });
      return rows;
    },

    /** Releases the actor's locks on exactly these paths; those that ended before, for whatever reason, are passed over. */
    async releasePaths(
      actor: Actor,
      paths: readonly PlacedPattern[],
    ): Promise<(EndedLock & { worktree: string; key: string })[]> {
      const { rows } = await pool.query({
        name: 'lock_release_paths',
        text: `SELECT e.id, e.pattern, e.worktree, e.key, e.agent_id AS "agentId" FROM release_locks($1, $2, $3, $4, $5) e`,
        values: [
          [...new Set(paths.map(({ board }) => board))],
          actor.agentId,
          actor.sessionId,
          paths.map(pathOf),
          paths.map(lookupKey),
        ],
      });
      return rows;
    },

    /** Ends agents whose process is dead, each in a transaction of its own. */
    async endDead(agentIds: readonly string[]): Promise<void> {
      for (const agentId of agentIds) {
        const end = () => pool.query(`SELECT disconnect_agent($1, 'process_gone')`, [agentId]);
        await retry(end, { attempts: 3, isRetryable: isSerializationFailure });
      }
    },

    /** Makes the projects of these boards known: notices and writes of files refer to them. */
    async addBoards(boards: readonly Pick<PlacedPattern, 'board' | 'root'>[]): Promise<void> {
      await pool.query({
        name: 'lock_boards',
        text: 'INSERT INTO projects (id, root) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT (id) DO NOTHING',
        values: [boards.map(({ board }) => board), boards.map(({ root }) => root)],
      });
    },

    /** Those of these boards whose locks exclude agents in other worktrees too. */
    async listDenying(boards: readonly string[]): Promise<Set<string>> {
      const { rows } = await pool.query<{ denying: string[] }>({
        name: 'lock_denying',
        text: 'SELECT denying_boards($1) AS denying',
        values: [boards],
      });
      return new Set(rows[0]?.denying);
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

    ...createPastLocks(pool),
  };
}
