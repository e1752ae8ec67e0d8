import type { Pool } from 'pg';

/** What became of one of our tasks, but for its cost. */
export interface SessionFacts {
  sessionId: string;
  projectId: string;
  agentId: string;
  agentName: string;
  task: string;
  /** `active`, `completed` or `abandoned`. */
  status: string;
  summary: string | null;
  startedAt: Date;
  endedAt: Date | null;
  /** The database's clock: how long an active task has lasted. */
  now: Date;
  /** Relative to the worktree: what hooks saw edited; where there are none, what was locked. */
  filesTouched: string[];
  /** Patterns that were asked for. */
  filesLocked: string[];
  decisions: { id: string; topic: string; decision: string }[];
  insights: { id: string; key: string | null }[];
  stashes: { id: string; name: string }[];
}

/** Of each list. */
const MAX_LISTED = 200;
/** Of a text in a list: it may be a document. */
const LISTED_CHARS = 2_000;

const list = (columns: string, table: string) => `coalesce((SELECT json_agg(m) FROM (
    SELECT ${columns} FROM ${table} m JOIN work w ON m.session_id = w.id
    WHERE m.project_id = (SELECT project_id FROM session) AND m.created_at >= (SELECT started_at FROM session)
      AND m.created_at <= (SELECT coalesce(ended_at, 'infinity') FROM session)
    ORDER BY m.created_at LIMIT ${MAX_LISTED}) AS m), '[]')`;

// `work`: the task and the subagents that its client started from it.
const FIND = `WITH session AS MATERIALIZED (
    SELECT s.*, a.name AS agent_name FROM sessions s JOIN agents a ON a.id = s.agent_id WHERE s.project_id = $1 AND s.id = $2
  ), work AS MATERIALIZED (
    SELECT id FROM session
    UNION SELECT c.id FROM session s JOIN sessions c ON c.agent_id = s.agent_id AND c.project_id = $1 AND c.parent_id = s.id
      AND c.started_at >= s.started_at
  ), locked AS MATERIALIZED (
    SELECT l.pattern, l.origin FROM (
      SELECT * FROM locks WHERE agent_id = (SELECT agent_id FROM session) AND ended_at IS NULL
      UNION ALL SELECT * FROM locks WHERE agent_id = (SELECT agent_id FROM session) AND ended_at IS NOT NULL
    ) AS l WHERE l.session_id IN (SELECT id FROM work)
  ), edited AS MATERIALIZED (
    SELECT pattern AS path FROM locked WHERE origin = 'hook'
    UNION
    SELECT f.path FROM file_writes f, session s
    WHERE f.project_id = s.project_id AND f.agent_id = s.agent_id AND f.written_at >= s.started_at
      AND f.written_at <= coalesce(s.ended_at, 'infinity')
  )
  SELECT s.id AS "sessionId", s.project_id AS "projectId", s.agent_id AS "agentId", s.agent_name AS "agentName", s.task,
    s.status, s.summary, s.started_at AS "startedAt", s.ended_at AS "endedAt", now() AS now,
    ARRAY(SELECT path FROM edited UNION SELECT pattern FROM locked WHERE NOT EXISTS (SELECT 1 FROM edited)
          ORDER BY 1 LIMIT ${MAX_LISTED}) AS "filesTouched",
    ARRAY(SELECT DISTINCT pattern FROM locked WHERE origin = 'tool' ORDER BY 1 LIMIT ${MAX_LISTED}) AS "filesLocked",
    ${list(`m.id, m.topic, left(m.decision, ${LISTED_CHARS}) AS decision`, 'decisions')} AS decisions,
    ${list('m.id, m.key', 'insights')} AS insights,
    ${list('m.id, m.name', 'stashes')} AS stashes
  FROM session s`;

/** Everything that is known of a task of a project but its cost; null if there is none with this id. */
export async function findSession(pool: Pool, projectId: string, sessionId: string): Promise<SessionFacts | null> {
  const { rows } = await pool.query<SessionFacts>({
    name: 'timeline_session',
    text: FIND,
    values: [projectId, sessionId],
  });
  return rows[0] ?? null;
}
