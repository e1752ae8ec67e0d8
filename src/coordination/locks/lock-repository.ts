import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { retry } from '../../async/retry.js';
import { isConcurrencyFailure } from '../../db/database-errors.js';
import { lookupKey } from './list-ancestors.js';
import { createLockLists } from './list-locks.js';
import type { EndedLock, LockEndReason, OwnLock, PlacedPattern } from './lock-types.js';
import { createPastLocks } from './past-locks.js';
import { createQueueStatements } from './queue-statements.js';
import { type AcquireAttempt, type AttemptResult, pathOf, requestLocks } from './request-locks.js';

export type LockRepository = ReturnType<typeof createLockRepository>;

/** Locks in SQL. What is granted is decided by the function acquire_locks; see prisma/functions. */
export function createLockRepository(pool: Pool) {
  return {
    /** One attempt, one transaction: grants everything or nothing. */
    acquire: (actor: Actor, attempt: AcquireAttempt): Promise<AttemptResult> => requestLocks(pool, actor, attempt),

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
        await retry(end, { attempts: 3, isRetryable: isConcurrencyFailure });
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

    ...createLockLists(pool),
    ...createQueueStatements(pool),
    ...createPastLocks(pool),
  };
}
