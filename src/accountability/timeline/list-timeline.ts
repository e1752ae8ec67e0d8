import type { Pool } from 'pg';
import { FENCE } from '../../db/planner-hints.js';
import { AppError } from '../../errors.js';
import type { TimelineEntry, TimelineFilter, TimelinePage } from './timeline-types.js';

const COLUMNS = `t.id::text AS id, t.created_at AS at, t.type, t.subject, t.metadata AS facts, t.agent_id AS "agentId",
  a.name AS "agentName", t.session_id AS "sessionId"`;

/**
 * A page of what happened in a project, newest first. Reads as many rows as it returns, whatever the size of the
 * timeline; with agent and type together those of the agent.
 * @param cursor what the page before returned as `next`
 * @throws AppError `invalid_argument` for a cursor that is none
 */
export async function listTimeline(
  pool: Pool,
  filter: TimelineFilter,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<TimelinePage> {
  const values: unknown[] = [filter.projectId, limit + 1];
  const add = (value: unknown) => `$${values.push(value)}`;
  const conditions = [
    ...filterConditions(filter, add),
    ...(cursor === undefined ? [] : [`t.id < ${add(checkCursor(cursor))}`]),
    ...(filter.since ? sinceConditions(add(filter.since)) : []),
  ];
  const { rows } = await pool.query<TimelineEntry>(pageSql(conditions, 'DESC'), values);
  const entries = rows.slice(0, limit);
  return { entries, next: rows.length > limit ? (entries.at(-1)?.id ?? null) : null };
}

/**
 * What happened after an id, oldest first. An entry with a lower id may still appear later, for as long as its transaction
 * lasted: `createTimelineFollower` waits for these.
 */
export async function listTimelineAfter(
  pool: Pool,
  filter: Omit<TimelineFilter, 'since'>,
  { after, limit }: { after: string; limit: number },
): Promise<TimelineEntry[]> {
  const values: unknown[] = [filter.projectId, limit];
  const add = (value: unknown) => `$${values.push(value)}`;
  const conditions = [...filterConditions(filter, add), `t.id > ${add(checkCursor(after))}`];
  const { rows } = await pool.query<TimelineEntry>(pageSql(conditions, 'ASC'), values);
  return rows;
}

function pageSql(conditions: readonly string[], order: 'ASC' | 'DESC'): string {
  const where = ['t.project_id = $1', ...conditions].join(' AND ');
  return `SELECT ${COLUMNS} FROM (
      SELECT * FROM activities t WHERE ${where} ORDER BY t.id ${order} LIMIT $2
    ) AS t LEFT JOIN LATERAL (SELECT name FROM agents WHERE id = t.agent_id ${FENCE}) AS a ON true
    ORDER BY t.id ${order}`;
}

function filterConditions({ agentId, type }: TimelineFilter, add: (value: unknown) => string): string[] {
  // (hint: hidden column: an agent has few activities, a type may have all but a few.)
  const typeColumn = agentId === undefined ? 't.type' : `t.type || ''`;
  return [
    ...(agentId === undefined ? [] : [`t.agent_id = ${add(agentId)}`]),
    ...(type === undefined ? [] : [`${typeColumn} = ${add(type)}`]),
  ];
}

/**
 * Ids rise with time, so that the search ends at the newest one from before `since`: from a minute before, since an id is
 * given out while its transaction runs and created_at is its start.
 */
function sinceConditions(since: string): string[] {
  return [
    // (hint: hidden column: the order is that of ids.)
    `coalesce(t.created_at, 'infinity') >= ${since}`,
    `t.id > coalesce((SELECT b.id FROM activities b WHERE b.project_id = $1
        AND b.created_at < ${since}::timestamptz - interval '1 minute' ORDER BY b.created_at DESC LIMIT 1), 0)`,
  ];
}

/** @throws AppError `invalid_argument` */
function checkCursor(cursor: string): string {
  if (/^\d{1,18}$/.test(cursor)) return cursor;
  throw new AppError({
    code: 'invalid_argument',
    message: `"${cursor.slice(0, 60)}" is no cursor of the timeline.`,
    fix: 'Pass the cursor of the last answer as it is, or none to begin at the newest.',
  });
}
