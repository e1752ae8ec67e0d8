import type { Pool } from 'pg';
import { FENCE, hiddenColumn } from '../../db/planner-hints.js';
import { AppError } from '../../errors.js';
import { isIdOf } from '../../text/ids.js';
import { findAgentByName, isAgentName } from './find-agent-by-name.js';

export interface ActivityFilter {
  projectId: string;
  /** Its id or its name. */
  agentId?: string | undefined;
  type?: string | undefined;
  /** Inclusive. */
  since?: Date | undefined;
  /** Where the page before ended (`nextCursor`). */
  cursor?: string | undefined;
  limit: number;
}

export interface ActivityRow {
  id: string;
  at: Date;
  agentId: string | null;
  /** By which the agent is spoken of; null if it is not known any more. */
  agentName: string | null;
  /** What its client calls itself; null of an agent from before agents had names. */
  agentClient: string | null;
  sessionId: string | null;
  type: string;
  subject: string;
  metadata: Record<string, unknown>;
}

export interface ActivityPage {
  /** Newest first. */
  activities: ActivityRow[];
  /** Null on the last page. */
  nextCursor: string | null;
  /** By the database's clock. */
  now: Date;
}

/**
 * A page of a project's activities, newest first, by an index whatever the filter: its cost does not depend on how many
 * activities there are.
 * @throws AppError `invalid_argument` for a cursor, an agent's id or a type that is none
 */
export async function listActivities(pool: Pool, filter: ActivityFilter): Promise<ActivityPage> {
  checkFilter(filter);
  const values: unknown[] = [];
  const add = (value: unknown) => `$${values.push(value)}`;
  const project = add(filter.projectId);
  const conditions = [`a.project_id = ${project}`];
  conditions.push(...whoAndWhat(await withAgentId(pool, filter), add));
  if (filter.cursor !== undefined) conditions.push(`a.id < ${add(filter.cursor)}::bigint`);
  if (filter.since !== undefined) {
    conditions.push(...sinceConditions(project, `${add(filter.since.toISOString())}::timestamptz`));
  }
  // One more than the page tells whether there is another page.
  const { rows } = await pool.query<ActivityRow & { now: Date }>(
    `SELECT p.id::text, p.created_at AS at, p.agent_id AS "agentId", g.name AS "agentName", g.client AS "agentClient", p.session_id AS "sessionId",
       p.type, p.subject, p.metadata, now() AS now
     FROM (SELECT * FROM activities a WHERE ${conditions.join(' AND ')} ORDER BY a.id DESC LIMIT ${add(filter.limit + 1)}) p
     LEFT JOIN LATERAL (SELECT name, client FROM agents WHERE id = p.agent_id ${FENCE}) g ON true ORDER BY p.id DESC`,
    values,
  );
  const activities = rows.slice(0, filter.limit);
  return {
    activities,
    nextCursor: rows.length > filter.limit ? (activities.at(-1)?.id ?? null) : null,
    now: rows[0]?.now ?? new Date(),
  };
}

/**
 * What happened after an activity, oldest first. One with a lower id may still appear later, for as long as its transaction
 * lasted: `followActivities` waits for these.
 */
export async function listActivitiesAfter(
  pool: Pool,
  filter: Pick<ActivityFilter, 'projectId' | 'agentId' | 'type' | 'limit'>,
  afterId: string,
): Promise<ActivityRow[]> {
  checkFilter({ ...filter, cursor: afterId });
  const values: unknown[] = [];
  const add = (value: unknown) => `$${values.push(value)}`;
  const conditions = [
    `a.project_id = ${add(filter.projectId)}`,
    ...whoAndWhat(await withAgentId(pool, filter), add),
    `a.id > ${add(afterId)}::bigint`,
  ];
  const { rows } = await pool.query<ActivityRow>(
    `SELECT p.id::text, p.created_at AS at, p.agent_id AS "agentId", g.name AS "agentName", g.client AS "agentClient", p.session_id AS "sessionId",
       p.type, p.subject, p.metadata
     FROM (SELECT * FROM activities a WHERE ${conditions.join(' AND ')} ORDER BY a.id LIMIT ${add(filter.limit)}) p
     LEFT JOIN LATERAL (SELECT name, client FROM agents WHERE id = p.agent_id ${FENCE}) g ON true ORDER BY p.id`,
    values,
  );
  return rows;
}

type WhoAndWhat = Pick<ActivityFilter, 'projectId' | 'agentId' | 'type'>;

async function withAgentId(pool: Pool, { projectId, agentId, type }: WhoAndWhat): Promise<WhoAndWhat> {
  const isName = agentId !== undefined && !isIdOf('agent_', agentId);
  return { projectId, type, agentId: isName ? await findAgentByName(pool, projectId, agentId) : agentId };
}

function whoAndWhat({ agentId, type }: Pick<ActivityFilter, 'agentId' | 'type'>, add: (value: unknown) => string) {
  // (hint: hidden column) An agent has few activities; all but a few may be of one type.
  const typeColumn = agentId === undefined ? 'a.type' : hiddenColumn('a.type');
  return [
    ...(agentId === undefined ? [] : [`a.agent_id = ${add(agentId)}`]),
    ...(type === undefined ? [] : [`${typeColumn} = ${add(type)}`]),
  ];
}

/**
 * Ids rise with time, so the search ends at the newest activity from before: from a minute before, since an id is given out
 * while its transaction runs, and the time is when that began.
 */
function sinceConditions(project: string, since: string): string[] {
  return [
    // (hint: hidden column) The order is that of ids.
    `coalesce(a.created_at, 'infinity') >= ${since}`,
    `a.id > coalesce((SELECT id FROM activities WHERE project_id = ${project} AND created_at < ${since} - interval '1 minute'
      ORDER BY created_at DESC LIMIT 1), 0)`,
  ];
}

function checkFilter({ cursor, agentId, type }: Pick<ActivityFilter, 'cursor' | 'agentId' | 'type'>): void {
  if (cursor !== undefined && !/^\d{1,18}$/.test(cursor)) {
    throw unusable('cursor', 'Pass next_cursor of the page before, or leave cursor out for the newest activities.');
  }
  if (agentId !== undefined && !isIdOf('agent_', agentId) && !isAgentName(agentId)) {
    throw unusable('agent_id', 'Pass the id or the name of an agent, as the timeline and who_is_working show it.');
  }
  if (type !== undefined && !/^[a-z_]{1,60}$/.test(type)) {
    throw unusable('type', 'Pass a type as the timeline shows it, such as task_ended or decision.');
  }
}

function unusable(name: string, fix: string): AppError {
  return new AppError({ code: 'invalid_argument', message: `${name} is not usable.`, fix });
}
