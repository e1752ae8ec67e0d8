import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { AppError } from '../../errors.js';
import { clipText } from '../../text/clip-text.js';
import { isIdOf } from '../../text/ids.js';

/** Entries of each list that are shown. */
const MAX_LISTED = 100;
const MAX_TEXT_CHARS = 2_000;

export interface SessionSummary {
  sessionId: string;
  agentId: string;
  agent: string;
  /** What that agent's client calls itself. */
  client: string | null;
  task: string;
  status: string;
  summary: string | null;
  startedAt: Date;
  endedAt: Date | null;
  durationMs: number;
  /** Files that hooks saw edited meanwhile. */
  filesWritten: string[];
  filesLocked: string[];
  decisions: { id: string; topic: string; decision: string }[];
  insights: { id: string; key: string | null }[];
  stashes: { id: string; name: string }[];
}

/**
 * What happened in a task of the actor's project.
 * @param sessionId by default the actor's task, else the last one of its agent
 * @throws AppError `not_found` if there is no such task
 */
export async function summarizeSession(pool: Pool, actor: Actor, sessionId?: string): Promise<SessionSummary> {
  const id = sessionId ?? actor.sessionId;
  const rows = id === null || isIdOf('sess_', id) ? await readSession(pool, actor, id) : [];
  const [found] = rows;
  if (found) return found;
  throw new AppError({
    code: 'not_found',
    message: id === null ? 'This connection has had no task.' : `${clipText(id, 60)} is no task of this project.`,
    fix: 'Pass the session_id that start_task answered with.',
  });
}

async function readSession(pool: Pool, actor: Actor, id: string | null): Promise<SessionSummary[]> {
  // Memories are found by their time: their tables have no index by session.
  const saved = (table: string, fields: string) => `coalesce((SELECT json_agg(m ORDER BY m.created_at) FROM (
      SELECT ${fields}, created_at FROM ${table} WHERE project_id = s.project_id AND session_id IN (SELECT id FROM work)
        AND forgotten_at IS NULL AND created_at >= s.started_at ORDER BY created_at LIMIT ${MAX_LISTED}) m), '[]')`;
  const { rows } = await pool.query<SessionSummary>(
    `WITH s AS MATERIALIZED (
       SELECT s.*, a.name, a.client AS agent_client, a.worktree FROM sessions s JOIN agents a ON a.id = s.agent_id
       WHERE s.project_id = $1 AND ${id === null ? 's.agent_id = $2' : 's.id = $2'} AND s.subagent IS NULL
       ORDER BY s.started_at DESC LIMIT 1
     ), work AS MATERIALIZED (
       -- The task, and the subagents that its client started from it.
       SELECT id FROM s
       UNION SELECT c.id FROM s JOIN sessions c ON c.project_id = s.project_id AND c.parent_id = s.id
         AND c.started_at >= s.started_at
     ), held AS MATERIALIZED (
       SELECT l.pattern, l.origin FROM s, LATERAL (
         SELECT * FROM locks WHERE agent_id = s.agent_id AND ended_at IS NULL
         UNION ALL SELECT * FROM locks WHERE agent_id = s.agent_id AND ended_at IS NOT NULL) l
       WHERE l.session_id IN (SELECT id FROM work)
     )
     SELECT id AS "sessionId", agent_id AS "agentId", name AS agent, agent_client AS client, left(task, ${MAX_TEXT_CHARS}) AS task, status,
       left(summary, ${MAX_TEXT_CHARS}) AS summary, started_at AS "startedAt", ended_at AS "endedAt",
       extract(epoch FROM coalesce(ended_at, now()) - started_at)::float8 * 1000 AS "durationMs",
       ARRAY(SELECT path FROM file_writes w WHERE w.project_id = s.project_id AND w.worktree = s.worktree
           AND w.agent_id = s.agent_id AND w.written_at BETWEEN s.started_at AND coalesce(s.ended_at, now())
         UNION SELECT pattern FROM held WHERE origin = 'hook'
         ORDER BY 1 LIMIT ${MAX_LISTED}) AS "filesWritten",
       ARRAY(SELECT DISTINCT pattern FROM held ORDER BY pattern LIMIT ${MAX_LISTED}) AS "filesLocked",
       ${saved('decisions', `id, topic, left(decision, ${MAX_TEXT_CHARS}) AS decision`)} AS decisions,
       ${saved('insights', 'id, key')} AS insights,
       ${saved('stashes', 'id, name')} AS stashes
     FROM s`,
    [actor.projectId, id ?? actor.agentId],
  );
  return rows;
}
