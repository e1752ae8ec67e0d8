import type { Pool } from 'pg';
import type { TaskLinks } from '../../accountability/linking/task-links.js';
import type { Actor } from '../../actor/actor.js';
import type { AcquireOutcome } from '../locks/lock-types.js';
import type { LocksService } from '../locks/locks-service.js';

/** Takes back what a cancelled call has begun. */
export function createUndoBegin(pool: Pool) {
  return {
    /** Whether the agent has begun a task or taken a lock since then. @param sinceMs ms since 1970, by this machine's clock */
    async hasDoneSince(agentId: string, sinceMs: number): Promise<boolean> {
      const { rows } = await pool.query<{ done: boolean }>(
        `SELECT EXISTS (SELECT 1 FROM sessions WHERE agent_id = $1 AND status = 'active' AND started_at >= t.since)
           OR EXISTS (SELECT 1 FROM locks WHERE agent_id = $1 AND ended_at IS NULL AND acquired_at >= t.since) AS done
         FROM (SELECT to_timestamp($2::float8 / 1000) AS since) t`,
        [agentId, sinceMs],
      );
      return rows[0]?.done ?? false;
    },

    /** Whether the agent's open task is not older. @param sinceMs as above */
    async hasBegunSince(actor: Actor, sessionId: string, sinceMs: number): Promise<boolean> {
      const { rows } = await pool.query(
        `SELECT FROM sessions WHERE id = $2 AND agent_id = $1 AND status = 'active'
           AND started_at >= to_timestamp($3::float8 / 1000)`,
        [actor.agentId, sessionId, sinceMs],
      );
      return rows.length > 0;
    },

    /**
     * Takes back the beginning of a task, unless it has gone on since.
     * @param was the name that it had before; null for a session that this beginning has opened, which is gone then
     */
    async undoBegin(actor: Actor, sessionId: string, was: string | null): Promise<void> {
      await pool.query({
        name: 'session_undo_begin',
        text: `WITH renamed AS (
            UPDATE sessions SET task = $3 WHERE id = $2 AND agent_id = $1 AND status = 'active' AND $3::text IS NOT NULL
            RETURNING subagent
          ), gone AS (
            DELETE FROM sessions WHERE id = $2 AND agent_id = $1 AND status = 'active' AND $3::text IS NULL
            RETURNING project_id, task
          ), agent AS (
            UPDATE agents SET current_task = $3 WHERE id = $1
              AND (EXISTS (SELECT 1 FROM gone) OR EXISTS (SELECT 1 FROM renamed WHERE subagent IS NULL))
          )
          INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
          SELECT project_id, $1, $2, 'task_abandoned', left(task, 300), '{"reason": "cancelled"}' FROM gone`,
        values: [actor.agentId, sessionId, was],
      });
    },
  };
}

export interface UndoDeps {
  repository: ReturnType<typeof createUndoBegin>;
  locks: Pick<LocksService, 'giveBack'>;
  links: Pick<TaskLinks, 'taskEnded'>;
}

export interface BegunStart extends Pick<AcquireOutcome, 'newIds' | 'granted' | 'task'> {
  sessionId: string | null;
  /** The call came again, and found the task that it had begun. */
  isRepeated: boolean;
}

/**
 * Takes back what a start has done whose call was cancelled: its locks, and the task or its new name.
 * @param sinceMs when the call was made that an earlier server may have carried out: a task of this name that began since then
 * is its too
 * @returns the session that is gone; null when its task was there before
 */
export async function undoStart(
  { repository, locks, links }: UndoDeps,
  actor: Actor,
  started: BegunStart,
  sinceMs?: number,
): Promise<string | null> {
  const { sessionId, task, isRepeated } = started;
  if (sessionId === null) return null;
  await locks.giveBack(actor, started, sinceMs);
  const isOfThisCall =
    isRepeated && sinceMs !== undefined && (await repository.hasBegunSince(actor, sessionId, sinceMs));
  const isNew = task?.was === null || isOfThisCall;
  if (isNew) links.taskEnded(sessionId);
  await repository.undoBegin(actor, sessionId, isNew ? null : (task?.was ?? null));
  return isNew ? sessionId : null;
}
