import type { Pool } from 'pg';
import { endPassagesCtes } from '../passages/write-sql.js';

export interface ExpiredStash {
  id: string;
  agentId: string | null;
}

/** Stashes of one statement: bounded, so that no lock is held for long. */
const MAX_STASHES = 500;

/**
 * Deletes the passages of stashes whose time has passed, and logs it as an activity, once a stash. The stashes' rows stay.
 * @returns the stashes that had passages; call again until there is none.
 */
export async function expireStashes(pool: Pool): Promise<ExpiredStash[]> {
  const { rows } = await pool.query<ExpiredStash>({
    name: 'maintenance_expire_stashes',
    text: `
      WITH ${endPassagesCtes('$1::integer')}, logged AS (
        INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
        SELECT s.project_id, s.created_by, s.session_id, 'expire', s.name, jsonb_build_object('id', s.id)
          FROM ended JOIN stashes s USING (id)
      )
      SELECT e.id, s.created_by AS "agentId" FROM ended e LEFT JOIN stashes s USING (id)`,
    values: [MAX_STASHES],
  });
  return rows;
}

/**
 * Deletes what was forgotten, and stashes that expired, more than `days` ago.
 * @returns how many memories
 */
export async function purgeForgotten(pool: Pool, days: number): Promise<number> {
  let purged = 0;
  for (const table of ['stashes', 'insights', 'decisions']) {
    const expired = table === 'stashes' ? 'OR expires_at < now() - make_interval(days => $1::integer)' : '';
    const { rowCount } = await pool.query(
      `WITH gone AS (
          DELETE FROM ${table} WHERE forgotten_at < now() - make_interval(days => $1::integer) ${expired} RETURNING id
        ), unmarked AS (
          DELETE FROM memory_marks WHERE owner_id IN (SELECT id FROM gone)
        ), unplaced AS (
          DELETE FROM memory_origins WHERE memory_id IN (SELECT id FROM gone)
        ) SELECT FROM gone`,
      [days],
    );
    purged += rowCount ?? 0;
  }
  return purged;
}
