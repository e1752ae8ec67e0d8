import type { ClientBase } from 'pg';
import { FENCE } from '../../db/planner-hints.js';
import { indexKey } from './entry-repository.js';
import type { EntryRow } from './entry-row.js';

/** Whose figures may have changed: reports of these tasks and agents count or not. */
export interface Touched {
  taskIds: string[];
  /** Agents with requests outside their tasks. */
  agentIds: string[];
}

/** Which entries are linked again. */
interface Scope {
  client: string;
  entryIds: readonly string[];
  /** Every entry of what these tasks may have or have had. */
  taskIds: readonly string[];
}

const FIND_OWNERS = `SELECT
    ARRAY(SELECT t.id FROM unnest($2::text[]) AS g (call_id), LATERAL (
      SELECT id FROM sessions WHERE start_call_id = g.call_id AND client = $1
      UNION ALL SELECT id FROM sessions WHERE end_call_id = g.call_id AND client = $1
      UNION ALL SELECT id FROM sessions WHERE id = split_part(g.call_id, ' ', 2) AND client = $1) AS t) AS "taskIds",
    EXISTS (SELECT 1 FROM agents WHERE client_session = ANY ($3))
      OR EXISTS (SELECT 1 FROM sessions WHERE client = $1 AND client_session = ANY ($3))
      OR EXISTS (SELECT 1 FROM task_client_sessions WHERE client = $1 AND client_session = ANY ($3))
      OR EXISTS (SELECT 1 FROM sessions WHERE client = $1 AND client_session IS NULL
        AND started_at <= $5 AND (ended_at IS NULL OR ended_at >= $4)) AS "isOwned"`;

/**
 * Links what was just written to tasks and agents. If it holds the call that began or ended a task, everything that the
 * task may have is linked again: its requests may have been written before. Histories from before PopStash have no owner,
 * and are left as they are.
 * @param inserted new entries @param updated entries that may have links
 */
export async function linkRecorded(
  client: ClientBase,
  usageClient: string,
  { inserted, updated }: { inserted: readonly EntryRow[]; updated: readonly EntryRow[] },
): Promise<Touched> {
  const rows = [...inserted, ...updated];
  if (rows.length === 0) return { taskIds: [], agentIds: [] };
  const times = rows.map((row) => row.occurred_at).sort();
  const { rows: owners } = await client.query<{ taskIds: string[]; isOwned: boolean }>({
    name: 'usage_find_owners',
    text: FIND_OWNERS,
    values: [
      usageClient,
      rows.flatMap((row) => row.tool_use_ids.map(indexKey)),
      [...new Set(rows.map((row) => row.client_session))],
      times[0],
      times.at(-1),
    ],
  });
  const { taskIds = [], isOwned = true } = owners[0] ?? {};
  if (!isOwned && taskIds.length === 0 && updated.length === 0) return { taskIds: [], agentIds: [] };
  return linkEntries(client, { client: usageClient, entryIds: rows.map(({ id }) => id), taskIds });
}

/**
 * The request in whose answer the call stands that started or ended a task; of copies the parent's first. The call is known
 * by the client's id, or by what it was answered (clients/answered-task.ts).
 */
const entryOfCall = (kind: 'start' | 'end') => `(
        SELECT e.id, e.client_session, e.subagent, e.occurred_at FROM usage_calls c JOIN usage_entries e ON e.id = c.entry_id
        WHERE c.client = t.client AND c.call_id = ANY (ARRAY[t.${kind}_call_id, '${kind}_task ' || t.id])
        ORDER BY e.is_sidechain, e.occurred_at, e.keys LIMIT 1)`;

/**
 * The requests that the tasks of a client may have, best first: those between the requests that call start_task and
 * end_task, both included, of the sessions of these calls and those in between; of the sub-agent alone that called
 * start_task. Without such a call: those of the task's sessions between its start and its end. A sub-agent that began in a
 * task and goes on after its end belongs to it as long as there is no other task (`b`). `loose`: tasks of which no session
 * is known.
 */
const TASKS = `named AS MATERIALIZED (
    SELECT t.id FROM sessions t WHERE t.id = ANY ($3)
    UNION
    SELECT t.id FROM sessions t WHERE t.client = $1 AND t.client_session = ANY (ARRAY(SELECT client_session FROM given))
    UNION
    SELECT n.session_id FROM task_client_sessions n
    WHERE n.client = $1 AND n.client_session = ANY (ARRAY(SELECT client_session FROM given))
  ), tasks AS MATERIALIZED (
    SELECT t.id, t.project_id, t.agent_id, t.started_at, s.subagent, s.client_session, s.id IS NOT NULL AS by_call,
      array_remove(ARRAY[t.client_session, s.client_session, e.client_session], NULL)
        || ARRAY(SELECT n.client_session FROM task_client_sessions n WHERE n.session_id = t.id) AS client_sessions,
      coalesce(s.occurred_at, t.started_at) AS since, coalesce(e.occurred_at, t.ended_at, 'infinity') AS until
    FROM named JOIN sessions t USING (id)
      LEFT JOIN LATERAL ${entryOfCall('start')} AS s ON true
      LEFT JOIN LATERAL ${entryOfCall('end')} AS e ON true
    WHERE t.subagent IS NULL
  )`;

const COLUMNS = `e.id, e.client_session, e.subagent, e.worktree, e.occurred_at, e.session_id, e.agent_id, e.linked_by,
      e.project_id, e.cwd_project_id`;

// `scope` looks at the entries of a task by its sessions, from where it may begin; those of a task without a session by
// its project and time.
const LINK = `WITH given AS MATERIALIZED (
    SELECT ${COLUMNS} FROM usage_entries e WHERE e.id = ANY ($2::bigint[])
  ), ${TASKS}, scope AS MATERIALIZED (
    SELECT ${COLUMNS}
    FROM usage_entries e WHERE e.grade <> 'reported' AND e.id = ANY (ARRAY(
      SELECT id FROM given
      UNION
      -- A guess of before, when less was known of the task.
      SELECT n.id FROM unnest($3::text[]) AS g (task_id), LATERAL (
        SELECT n.id FROM usage_entries n WHERE n.session_id = g.task_id ${FENCE}) AS n
      UNION
      SELECT n.id FROM tasks t, unnest(t.client_sessions) AS c (client_session), LATERAL (
        SELECT n.id FROM usage_entries n WHERE n.client = $1 AND n.client_session = c.client_session
          AND n.occurred_at >= least(t.since, t.started_at) ${FENCE}) AS n
      WHERE t.id = ANY ($3)
      UNION
      SELECT n.id FROM tasks t, LATERAL (
        SELECT n.id FROM usage_entries n WHERE n.client = $1 AND n.project_id = t.project_id
          AND n.occurred_at BETWEEN t.started_at AND t.until ${FENCE}) AS n
      WHERE t.id = ANY ($3) AND cardinality(t.client_sessions) = 0))
  ), loose AS MATERIALIZED (
    SELECT t.id, t.project_id, t.agent_id, a.worktree, t.started_at AS since, coalesce(t.ended_at, 'infinity') AS until
    FROM sessions t JOIN agents a ON a.id = t.agent_id
    WHERE t.client = $1 AND t.client_session IS NULL AND t.subagent IS NULL AND a.client_session IS NULL
      AND t.started_at <= (SELECT max(occurred_at) FROM scope)
      AND (t.ended_at IS NULL OR t.ended_at >= (SELECT min(occurred_at) FROM scope))
      AND t.id NOT IN (SELECT id FROM tasks WHERE by_call)
  ), links AS MATERIALIZED (
    SELECT s.id, s.session_id AS old_session_id, s.agent_id AS old_agent_id,
      coalesce(k.id, b.id, l.id) AS session_id, coalesce(k.agent_id, b.agent_id, l.agent_id, a.id) AS agent_id,
      CASE WHEN coalesce(k.by_call, b.by_call) THEN 'call' WHEN coalesce(k.id, b.id) IS NOT NULL THEN 'session'
        WHEN l.id IS NOT NULL THEN 'time' END::usage_link
        AS linked_by,
      coalesce(k.project_id, b.project_id, l.project_id, a.project_id, s.cwd_project_id) AS project_id
    FROM scope s
      LEFT JOIN LATERAL (
        SELECT t.* FROM tasks t
        WHERE s.client_session = ANY (t.client_sessions) AND s.occurred_at BETWEEN t.since AND t.until
          AND (t.subagent IS NULL OR t.subagent = s.subagent)
        ORDER BY t.subagent IS NOT NULL DESC, t.by_call DESC, t.since DESC, t.id LIMIT 1
      ) AS k ON true
      LEFT JOIN LATERAL (
        SELECT t.* FROM tasks t
        WHERE k.id IS NULL AND s.subagent IS NOT NULL AND t.subagent IS NULL AND s.occurred_at > t.until
          AND s.client_session = ANY (t.client_sessions)
          AND (SELECT n.occurred_at FROM usage_entries n
               WHERE n.client = $1 AND n.client_session = s.client_session AND n.subagent = s.subagent
               ORDER BY n.occurred_at LIMIT 1) BETWEEN t.since AND t.until
        ORDER BY t.by_call DESC, t.since DESC, t.id LIMIT 1
      ) AS b ON true
      LEFT JOIN LATERAL (
        SELECT a.id, a.project_id FROM agents a WHERE a.client_session = s.client_session
        ORDER BY a.connected_at > s.occurred_at, abs(extract(epoch FROM a.connected_at - s.occurred_at)), a.id LIMIT 1
      ) AS a ON k.id IS NULL AND b.id IS NULL
      LEFT JOIN LATERAL (
        SELECT min(t.id) AS id, min(t.agent_id) AS agent_id, min(t.project_id) AS project_id FROM loose t
        WHERE t.worktree = s.worktree AND s.occurred_at BETWEEN t.since AND t.until HAVING count(*) = 1
      ) AS l ON k.id IS NULL AND b.id IS NULL AND a.id IS NULL
        AND NOT EXISTS (SELECT 1 FROM tasks t WHERE s.client_session = ANY (t.client_sessions))
        AND NOT EXISTS (SELECT 1 FROM sessions t WHERE t.client = $1 AND t.client_session = s.client_session)
        AND NOT EXISTS (SELECT 1 FROM task_client_sessions t WHERE t.client = $1 AND t.client_session = s.client_session)
  ), changed AS (
    UPDATE usage_entries e
    SET session_id = l.session_id, agent_id = l.agent_id, linked_by = l.linked_by, project_id = l.project_id
    FROM links l WHERE e.id = l.id
      AND (e.session_id, e.agent_id, e.linked_by, e.project_id) IS DISTINCT FROM (l.session_id, l.agent_id, l.linked_by, l.project_id)
  ), learned AS (
    UPDATE sessions t SET client_session = s.client_session
    FROM tasks s WHERE t.id = s.id AND s.by_call AND t.client_session IS DISTINCT FROM s.client_session
  )
  SELECT array_remove(array_agg(DISTINCT session_id) || array_agg(DISTINCT old_session_id), NULL) AS "taskIds",
    array_remove(array_agg(DISTINCT agent_id) FILTER (WHERE session_id IS NULL)
      || array_agg(DISTINCT old_agent_id) FILTER (WHERE old_session_id IS NULL), NULL) AS "agentIds"
  FROM links`;

/** Links entries to our tasks and agents, as far as ids and, without any, time windows tell. Idempotent. */
export async function linkEntries(client: ClientBase, { client: name, entryIds, taskIds }: Scope): Promise<Touched> {
  const { rows } = await client.query<{ taskIds: string[] | null; agentIds: string[] | null }>({
    name: 'usage_link',
    text: LINK,
    values: [name, entryIds, taskIds],
  });
  return { taskIds: rows[0]?.taskIds ?? [], agentIds: rows[0]?.agentIds ?? [] };
}
