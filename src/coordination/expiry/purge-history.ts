import type { Pool } from 'pg';

/** Announcements are read within minutes; afterwards the timeline has them. */
const ANNOUNCEMENT_DAYS = 30;
/** Rows of one statement: bounded, so that no lock is held for long. */
const MAX_ROWS = 500;

/** A finished session, with the client's sessions that belonged to it; those that cost something stay with their costs. */
const SESSIONS = `WITH gone AS (
    DELETE FROM sessions WHERE id = ANY (ARRAY(
      SELECT s.id FROM sessions s WHERE s.ended_at < now() - make_interval(days => $1) AND s.status <> 'active'
        AND NOT EXISTS (SELECT 1 FROM usage_entries e WHERE e.session_id = s.id)
      ORDER BY s.ended_at LIMIT $2)) RETURNING id
  ), unlinked AS (
    DELETE FROM task_client_sessions WHERE session_id IN (SELECT id FROM gone)
  ) SELECT id FROM gone`;

/** An agent that has left nothing: no session, no memory, no cost. */
const AGENTS = `DELETE FROM agents WHERE id = ANY (ARRAY(
    SELECT a.id FROM agents a WHERE a.status = 'disconnected' AND a.disconnected_at < now() - make_interval(days => $1)
      AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.agent_id = a.id)
      AND NOT EXISTS (SELECT 1 FROM locks l WHERE l.agent_id = a.id)
      AND NOT EXISTS (SELECT 1 FROM stashes m WHERE m.created_by = a.id)
      AND NOT EXISTS (SELECT 1 FROM insights m WHERE m.created_by = a.id)
      AND NOT EXISTS (SELECT 1 FROM decisions m WHERE m.created_by = a.id)
      AND NOT EXISTS (SELECT 1 FROM usage_entries e WHERE e.agent_id = a.id AND e.session_id IS NULL)
    ORDER BY a.disconnected_at LIMIT $2))`;

const ANNOUNCEMENTS = `DELETE FROM announcements WHERE id = ANY (ARRAY(
    SELECT id FROM announcements WHERE created_at < now() - make_interval(days => $1) LIMIT $2))`;

export interface PurgedHistory {
  announcements: number;
  sessions: number;
  agents: number;
}

/**
 * Deletes announcements of a month ago, and sessions and agents that ended more than `days` ago and that nothing refers to.
 * Safe beside another of its kind.
 * @param days 0 keeps sessions and agents for ever
 * @param signal stops between two statements
 * @throws the database's error
 */
export async function purgeHistory(
  pool: Pool,
  days: number,
  { limit = MAX_ROWS, signal }: { limit?: number; signal?: AbortSignal } = {},
): Promise<PurgedHistory> {
  async function purge(name: string, text: string, olderThan: number): Promise<number> {
    let purged = 0;
    while (!signal?.aborted) {
      const { rowCount } = await pool.query({ name, text, values: [olderThan, limit] });
      purged += rowCount ?? 0;
      if ((rowCount ?? 0) < limit) break;
    }
    return purged;
  }

  const announcements = await purge('history_announcements', ANNOUNCEMENTS, ANNOUNCEMENT_DAYS);
  if (days === 0) return { announcements, sessions: 0, agents: 0 };
  return {
    announcements,
    sessions: await purge('history_sessions', SESSIONS, days),
    agents: await purge('history_agents', AGENTS, days),
  };
}
