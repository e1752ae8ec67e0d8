import type { ClientBase } from 'pg';
import { createValues, filterSql, type Values } from './cost-sql.js';
import type { CostCoverage, CostFilter } from './cost-types.js';
import { keyParts } from './sum-by-key.js';

/**
 * Of how many sessions anything is known. Sessions are the client's that have requests, and those of our tasks that have
 * none: the client's if it is known, else the agent's connection.
 */
export async function sumCoverage(client: ClientBase, filter: CostFilter): Promise<CostCoverage> {
  const values = createValues();
  const seen = keyParts('session', filter, values);
  const { rows } = await client.query<CostCoverage>(
    `WITH seen AS MATERIALIZED (
       SELECT key, sum(requests) FILTER (WHERE grade <> 'reported') > 0 AS evident
       FROM (${seen}) AS parts WHERE key <> '' GROUP BY key HAVING sum(requests) > 0
     ), tasks AS MATERIALIZED (
       SELECT t.id, coalesce(t.client_session, a.client_session) AS client_session, t.agent_id
       FROM sessions t JOIN agents a ON a.id = t.agent_id
       WHERE t.subagent IS NULL${taskConditions(filter, values)}
     ), unseen AS (
       SELECT coalesce(t.client_session, t.agent_id) AS session,
         bool_or(EXISTS (SELECT 1 FROM usage_entries e WHERE e.session_id = t.id AND e.grade <> 'reported')) AS evident,
         bool_or(EXISTS (SELECT 1 FROM usage_entries e WHERE e.session_id = t.id AND e.grade = 'reported')) AS reported
       FROM tasks t WHERE NOT EXISTS (SELECT 1 FROM seen WHERE seen.key = t.client_session) GROUP BY 1
     ), known AS (
       SELECT evident IS TRUE AS evident, true AS reported FROM seen
       -- A task without a session of its own that has requests shares the session of these.
       UNION ALL SELECT false, reported FROM unseen WHERE NOT evident
     )
     SELECT count(*)::integer AS sessions, (count(*) FILTER (WHERE evident))::integer AS "withEvidence",
       (count(*) FILTER (WHERE NOT evident AND reported))::integer AS "reportedOnly",
       (count(*) FILTER (WHERE NOT evident AND NOT reported))::integer AS missing
     FROM known`,
    values.list,
  );
  return rows[0] ?? { sessions: 0, withEvidence: 0, reportedOnly: 0, missing: 0 };
}

/** Tasks that were under way in the window. */
function taskConditions(filter: CostFilter, values: Values): string {
  return [
    filterSql({ projectId: filter.projectId, agentId: filter.agentId }, values).all('t'),
    filter.taskId === undefined ? '' : ` AND t.id = ${values.add(filter.taskId)}`,
    filter.since ? ` AND coalesce(t.ended_at, 'infinity') >= ${values.add(filter.since.toISOString())}` : '',
    filter.until ? ` AND t.started_at < ${values.add(filter.until.toISOString())}` : '',
  ].join('');
}
