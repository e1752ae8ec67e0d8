import type { Pool } from 'pg';
import type { EndedLock } from '../locks/lock-types.js';

export type ExpiryRepository = ReturnType<typeof createExpiryRepository>;

/** A holder is warned when this part of a lock's life is left. */
const WARNING_PART = 5;
/** How long rows are kept that nobody acts on any more. */
const KEPT = { locks: '7 days', notices: '1 day', fileWrites: '7 days' } as const;

/** One notice for an owner's locks; the facts are LockExpiringFacts. */
const WARN = `WITH warned AS (
    UPDATE locks SET warned_at = clock_timestamp() WHERE id IN (
      SELECT id FROM locks WHERE ended_at IS NULL AND warned_at IS NULL AND expires_at > clock_timestamp()
        AND expires_at <= clock_timestamp() + make_interval(secs => life_seconds / ${WARNING_PART}.0)
      FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING *
  ), told AS (
    SELECT leave_notice(project_id, agent_id, 'lock_expiring', jsonb_build_object(
      'silent_seconds', max(life_seconds) * (1 - 1.0 / ${WARNING_PART}),
      'locks', jsonb_agg(jsonb_build_object('id', id, 'pattern', pattern, 'session_id', session_id, 'expires_at', expires_at)
        ORDER BY pattern))) AS left
    FROM warned GROUP BY project_id, agent_id, session_id
  ) SELECT count(*) FROM told`;

/** Ends tasks, logs why, and tells each agent and its process. The facts are IdleTaskFacts. */
const END_IDLE = `WITH ended AS (
    UPDATE sessions SET status = 'abandoned', ended_at = now() WHERE id IN (
      SELECT s.id FROM sessions s WHERE s.status = 'active' AND s.last_active_at < now() - make_interval(secs => $1)
        AND NOT EXISTS (SELECT 1 FROM locks l
          WHERE l.agent_id = s.agent_id AND l.session_id = s.id AND l.ended_at IS NULL)
      FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING *
  ), logged AS (
    INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
    SELECT project_id, agent_id, id, 'task_abandoned', left(task, 300), '{"reason": "idle"}' FROM ended
  ), named AS (
    UPDATE agents a SET current_task = NULL FROM ended e WHERE a.id = e.agent_id AND e.subagent IS NULL
  ), told AS (
    SELECT leave_notice(project_id, agent_id, 'task_idle', jsonb_build_object('session_id', id, 'task', left(task, 300),
        'silent_seconds', extract(epoch FROM now() - last_active_at)::int)) AS left,
      pg_notify('popstash_' || agent_id, 'tasks:' || agent_id) AS signalled
    FROM ended WHERE subagent IS NULL
  ) SELECT e.id, e.agent_id AS "agentId", (SELECT count(*) FROM told) AS told FROM ended e`;

/** The statements of expiry-service.ts. All times are the database's. */
export function createExpiryRepository(pool: Pool) {
  return {
    /** Projects with locks whose time is up but that have not ended. */
    async listDue(): Promise<string[]> {
      const { rows } = await pool.query<{ projectId: string }>({
        name: 'expiry_due',
        text: `SELECT DISTINCT project_id AS "projectId" FROM locks WHERE ended_at IS NULL AND expires_at <= clock_timestamp()`,
      });
      return rows.map(({ projectId }) => projectId);
    },

    /** Ends a project's locks whose time is up. */
    async expire(projectId: string): Promise<EndedLock[]> {
      const { rows } = await pool.query<EndedLock>({
        name: 'expiry_end',
        text: `SELECT e.id, e.pattern, e.agent_id AS "agentId" FROM expire_locks($1) e`,
        values: [projectId],
      });
      return rows;
    },

    /**
     * Checks the liveness of agents whose process holds a liveness lock; one process checks at a time.
     * @returns those that are dead, and whether others are suspected: a check a second later will know
     */
    async findDead(): Promise<{ dead: string[]; suspected: boolean; active: number }> {
      const { rows } = await pool.query<{ id: string; liveness: 'alive' | 'suspected' | 'dead' }>({
        name: 'expiry_liveness',
        text: `WITH checking AS MATERIALIZED (SELECT try_lock_liveness_check() AS taken)
          SELECT a.id, agent_liveness(a.id) AS liveness FROM agents a
          WHERE a.status = 'active' AND a.has_liveness_lock AND (SELECT taken FROM checking)`,
      });
      const dead = rows.filter(({ liveness }) => liveness === 'dead').map(({ id }) => id);
      return { dead, suspected: rows.some(({ liveness }) => liveness === 'suspected'), active: rows.length };
    },

    /**
     * Active agents without a sign of life for so long. Those whose liveness lock is free are not among them: findDead knows
     * whether they are only on their way back, as all are after the database was away for long.
     */
    async listSilent(seconds: number): Promise<string[]> {
      const { rows } = await pool.query<{ id: string }>({
        name: 'expiry_silent',
        text: `SELECT id FROM agents WHERE status = 'active' AND last_seen_at < now() - make_interval(secs => $1)
          AND NOT (has_liveness_lock AND is_liveness_lock_free(id))`,
        values: [seconds],
      });
      return rows.map(({ id }) => id);
    },

    /** Ends tasks without a sign of life for so long that hold no lock. */
    async endIdle(seconds: number): Promise<{ id: string; agentId: string }[]> {
      const { rows } = await pool.query({ name: 'expiry_idle', text: END_IDLE, values: [seconds] });
      return rows;
    },

    /** Tells holders, once, of locks that end soon unless they give a sign of life. */
    async warn(): Promise<void> {
      await pool.query({ name: 'expiry_warn', text: WARN });
    },

    /** Time until a lock is over or its holder is to be warned, in ms; null when there is none. */
    async untilNext(): Promise<number | null> {
      const { rows } = await pool.query<{ ms: number | null }>({
        name: 'expiry_next',
        text: `SELECT (extract(epoch FROM min(CASE WHEN warned_at IS NULL
              THEN expires_at - make_interval(secs => life_seconds / ${WARNING_PART}.0) ELSE expires_at END)
            - clock_timestamp()) * 1000)::float8 AS ms FROM locks WHERE ended_at IS NULL`,
      });
      return rows[0]?.ms ?? null;
    },

    /** Deletes positions in queues that nobody keeps: those who stand behind them see it when they ask again. */
    async deleteDeadWaiters(): Promise<void> {
      await pool.query(`DELETE FROM lock_waiters w WHERE NOT EXISTS (
        SELECT 1 FROM queue_keepers k WHERE k.id = w.keeper AND k.alive_until > clock_timestamp() - interval '10 seconds')`);
      await pool.query(
        'DELETE FROM lock_waits e WHERE NOT EXISTS (SELECT 1 FROM lock_waiters w WHERE w.id = e.waiter)',
      );
      await pool.query(`DELETE FROM queue_keepers WHERE alive_until < clock_timestamp() - interval '1 minute'`);
    },

    /** Deletes history that nobody acts on any more. */
    async purge(): Promise<void> {
      await pool.query(`DELETE FROM locks WHERE ended_at < now() - interval '${KEPT.locks}'`);
      await pool.query(`DELETE FROM notices WHERE created_at < now() - interval '${KEPT.notices}'`);
      await pool.query(`DELETE FROM file_writes WHERE written_at < now() - interval '${KEPT.fileWrites}'`);
    },
  };
}
