import type { Pool } from 'pg';
import type { EndedLock } from '../locks/lock-types.js';

export type ExpiryRepository = ReturnType<typeof createExpiryRepository>;

/** A holder is warned when this part of a lock's life is left. */
const WARNING_PART = 5;
/** How long rows are kept that nobody acts on any more. */
const KEPT = { locks: '7 days', notices: '1 day', fileWrites: '7 days' } as const;

/** What time ends, by the database's clock alone. */
export function createExpiryRepository(pool: Pool) {
  return {
    /** Projects with locks that are over but still stand as live. */
    async listDue(): Promise<string[]> {
      const { rows } = await pool.query<{ projectId: string }>({
        name: 'expiry_due',
        text: `SELECT DISTINCT project_id AS "projectId" FROM locks WHERE ended_at IS NULL AND expires_at <= clock_timestamp()`,
      });
      return rows.map(({ projectId }) => projectId);
    },

    /** Ends a project's locks whose time is up, in its turn among those who acquire. */
    async expire(projectId: string): Promise<EndedLock[]> {
      const { rows } = await pool.query<EndedLock>({
        name: 'expiry_end',
        text: `WITH locked AS MATERIALIZED (SELECT lock_project($1))
          SELECT e.id, e.pattern, e.agent_id AS "agentId" FROM locked, LATERAL end_locks(ARRAY(
            SELECT id FROM locks WHERE project_id = $1 AND ended_at IS NULL AND expires_at <= clock_timestamp()), 'expired') e`,
        values: [projectId],
      });
      return rows;
    },

    /**
     * Looks whether the agents that prove their life still do; one process looks at a time.
     * @returns those that are gone, and whether others are suspected: a look a second later will know
     */
    async findLostProofs(): Promise<{ gone: string[]; suspected: boolean; active: number }> {
      const { rows } = await pool.query<{ id: string; proof: 'no' | 'suspected' | 'gone' }>({
        name: 'expiry_proofs',
        text: `WITH turn AS MATERIALIZED (SELECT try_lock_liveness_check() AS taken)
          SELECT a.id, lost_proof(a.id) AS proof FROM agents a
          WHERE a.status = 'active' AND a.proves_life AND (SELECT taken FROM turn)`,
      });
      const gone = rows.filter(({ proof }) => proof === 'gone').map(({ id }) => id);
      return { gone, suspected: rows.some(({ proof }) => proof === 'suspected'), active: rows.length };
    },

    /** Active agents without a sign of life for so long. */
    async listSilent(seconds: number): Promise<string[]> {
      const { rows } = await pool.query<{ id: string }>({
        name: 'expiry_silent',
        text: `SELECT id FROM agents WHERE status = 'active' AND last_seen_at < now() - make_interval(secs => $1)`,
        values: [seconds],
      });
      return rows.map(({ id }) => id);
    },

    /** Tells holders, once, of locks that end soon unless they give a sign of life. */
    async warn(): Promise<number> {
      const { rows } = await pool.query<{ told: number }>({
        name: 'expiry_warn',
        text: `WITH warned AS (
            UPDATE locks SET warned_at = clock_timestamp() WHERE id IN (
              SELECT id FROM locks WHERE ended_at IS NULL AND warned_at IS NULL AND expires_at > clock_timestamp()
                AND expires_at <= clock_timestamp() + make_interval(secs => life_seconds / ${WARNING_PART}.0)
              FOR NO KEY UPDATE SKIP LOCKED)
            RETURNING *
          ), told AS (
            SELECT leave_notice(project_id, agent_id, 'lock_expiring',
              'Your lock on ' || left(string_agg(pattern, ', ' ORDER BY pattern), 500)
                || ' was about to expire: there was no sign of its session for '
                || round(max(life_seconds) * (1 - 1.0 / ${WARNING_PART}) / 60) || ' minutes.'
                || ' A call in that session keeps it; release it if you are done.',
              jsonb_build_object('locks', jsonb_agg(jsonb_build_object(
                'id', id, 'pattern', pattern, 'session_id', session_id, 'expires_at', expires_at)))) AS left
            FROM warned GROUP BY project_id, agent_id, session_id
          ) SELECT count(*)::int AS told FROM told`,
      });
      return rows[0]?.told ?? 0;
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

    /** Takes dead waiters out of the queues: those who stand behind them see it at their next look. */
    async forgetWaiters(): Promise<void> {
      await pool.query(`DELETE FROM lock_waiters WHERE alive_until < clock_timestamp() - interval '10 seconds'`);
    },

    /** Deletes history that nobody acts on any more. */
    async purge(): Promise<void> {
      await pool.query(`DELETE FROM locks WHERE ended_at < now() - interval '${KEPT.locks}'`);
      await pool.query(`DELETE FROM notices WHERE created_at < now() - interval '${KEPT.notices}'`);
      await pool.query(`DELETE FROM file_writes WHERE written_at < now() - interval '${KEPT.fileWrites}'`);
    },
  };
}
