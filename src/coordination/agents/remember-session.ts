import type { Pool } from 'pg';
import { retry } from '../../async/retry.js';
import { isUniqueViolation } from '../../db/database-errors.js';

const REMEMBER_SESSION = `WITH own AS (
    SELECT * FROM agents WHERE id = $1
  ), before AS (
    SELECT b.name FROM agents b JOIN own o ON b.project_id = o.project_id
    WHERE b.client_session = $2 AND b.client IS NOT NULL AND b.id <> $1 ORDER BY b.connected_at DESC LIMIT 1
  ), named AS (
    UPDATE agents a SET client_session = $2, name = coalesce((
      SELECT b.name FROM before b
      WHERE NOT EXISTS (SELECT 1 FROM agents t WHERE t.name = b.name AND t.status = 'active' AND t.client IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.agent_id = $1 AND s.status = 'active')
        AND NOT EXISTS (SELECT 1 FROM locks l WHERE l.agent_id = $1 AND l.ended_at IS NULL)), a.name)
    WHERE id = $1 RETURNING a.name
  )
  SELECT n.name, CASE WHEN n.name <> o.name THEN pg_notify('popstash_' || o.id, 'tasks:' || o.id) END AS signalled
  FROM named n CROSS JOIN own o`;

/**
 * Keeps the client's own name of the session that an agent serves; it serves one at a time. The agent has the name again that the
 * session's agent had before, unless another one has it now, or it is at work already under its own.
 * @returns its name
 */
export async function rememberSession(pool: Pool, agentId: string, clientSession: string): Promise<string | null> {
  const remember = () =>
    pool.query<{ name: string }>({
      name: 'agent_remember_session',
      text: REMEMBER_SESSION,
      values: [agentId, clientSession],
    });
  // Another agent takes the name at the same time: the next attempt sees it.
  const isRetryable = (error: unknown) => isUniqueViolation(error, 'agents_living_name_key');
  const { rows } = await retry(remember, { attempts: 3, isRetryable });
  return rows[0]?.name ?? null;
}
