import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { retry } from '../../async/retry.js';
import { isConcurrencyFailure } from '../../db/database-errors.js';
import type { LockMode, LockOrigin } from '../locks/lock-types.js';

/** A lock that ended with its agent. */
export interface PastTaskLock {
  board: string;
  worktree: string;
  pattern: string;
  key: string;
  literalPrefix: string;
  isGlob: boolean;
  mode: LockMode;
  origin: LockOrigin;
  lifeSeconds: number;
}

/** A task that nobody ended before its agent was gone. */
export interface AbandonedTask {
  id: string;
  task: string;
  /** What it held then. */
  locks: PastTaskLock[];
  now: Date;
}

/** The last task of a client's session. */
export interface LastTask extends AbandonedTask {
  agentId: string;
  /** Whether the process of its agent lives; null for a task that was abandoned. */
  liveness: 'alive' | 'suspected' | 'dead' | null;
}

/** Who may go on with a task: an agent, and any agent in this session of a client. */
export interface Resumer {
  projectId: string;
  agentId: string | null;
  /** The client's own name of its session; null: the one that the agent's row names. */
  clientSession: string | null;
}

/** After so many hours a task is another day's: its locks are not taken again. */
const RESUMABLE_HOURS = 24;
/** A task that is older than this is not looked for, in days. */
const MAX_AGE_DAYS = 7;

/** Tasks that ended with their agent, and how they go on; docs/decisions/tasks-go-on.md. */
export function createAbandonedTasks(pool: Pool) {
  return {
    /**
     * The last task of this session of a client, or of this agent, if it was abandoned within RESUMABLE_HOURS, or is open
     * under another agent; null when there is none, or when the last one was completed.
     */
    async findLast({ projectId, agentId, clientSession }: Resumer): Promise<LastTask | null> {
      const { rows } = await pool.query<LastTask>({
        name: 'session_abandoned',
        text: `WITH last AS (
            SELECT s.id, s.task, s.ended_at, s.agent_id, s.status FROM sessions s
            WHERE s.project_id = $1 AND s.subagent IS NULL AND s.started_at > now() - make_interval(days => ${MAX_AGE_DAYS})
              AND s.agent_id IN (
                SELECT a.id FROM agents a WHERE a.id = $2 OR a.client_session =
                  coalesce($3, (SELECT own.client_session FROM agents own WHERE own.id = $2)))
            ORDER BY s.started_at DESC LIMIT 1
          )
          SELECT l.id, l.task, l.agent_id AS "agentId", now() AS now,
            CASE WHEN l.status = 'active' THEN agent_liveness(l.agent_id) END AS liveness,
            (SELECT coalesce(json_agg(json_build_object('board', k.project_id, 'worktree', k.worktree, 'pattern', k.pattern,
                'key', k.key, 'literalPrefix', k.literal_prefix, 'isGlob', k.is_glob, 'mode', k.mode, 'origin', k.origin,
                'lifeSeconds', k.life_seconds) ORDER BY k.pattern), '[]')
             FROM locks k WHERE k.agent_id = l.agent_id AND k.end_reason = 'disconnected'
               AND (k.session_id = l.id OR k.session_id IS NULL)
               AND k.ended_at BETWEEN l.ended_at - interval '5 seconds' AND l.ended_at + interval '5 seconds') AS locks
          FROM last l WHERE CASE l.status WHEN 'abandoned' THEN l.ended_at > now() - make_interval(hours => ${RESUMABLE_HOURS})
            WHEN 'active' THEN l.agent_id IS DISTINCT FROM $2 ELSE false END`,
        values: [projectId, agentId, clientSession],
      });
      return rows[0] ?? null;
    },

    /** Ends an agent whose process is dead, with all that it holds. */
    async endAgent(agentId: string): Promise<void> {
      const end = () => pool.query(`SELECT disconnect_agent($1, 'process_gone')`, [agentId]);
      await retry(end, { attempts: 3, isRetryable: isConcurrencyFailure });
    },

    /** The task goes on with this agent. False when it does not: another one has it, or this agent has one of its own. */
    async reopen(actor: Actor, sessionId: string): Promise<boolean> {
      const { rowCount } = await pool.query({
        name: 'session_reopen',
        text: `WITH reopened AS (
            UPDATE sessions s SET status = 'active', ended_at = NULL, agent_id = $2, last_active_at = now()
            WHERE s.id = $3 AND s.project_id = $1 AND s.status = 'abandoned' AND NOT EXISTS (
              SELECT 1 FROM sessions own WHERE own.agent_id = $2 AND own.status = 'active' AND own.subagent IS NULL)
            RETURNING *
          ), named AS (
            UPDATE agents SET current_task = r.task, last_seen_at = now() FROM reopened r WHERE agents.id = $2
          ), activity AS (
            INSERT INTO activities (project_id, agent_id, session_id, type, subject)
            SELECT project_id, agent_id, id, 'task_resumed', left(task, 300) FROM reopened
          )
          SELECT pg_notify('popstash_' || agent_id, 'tasks:' || agent_id) FROM reopened`,
        values: [actor.projectId, actor.agentId, sessionId],
      });
      return (rowCount ?? 0) > 0;
    },
  };
}

export type AbandonedTasks = ReturnType<typeof createAbandonedTasks>;
