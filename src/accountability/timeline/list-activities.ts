import type { Pool } from 'pg';
import { AppError } from '../../errors.js';
import { isIdOf } from '../../text/ids.js';

export interface ActivityFilter {
  projectId: string;
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
  /** The name of the agent's client; null if the agent is not known any more. */
  agentName: string | null;
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
 * Ids and times are in the same order but for transactions under way at once. The first activities after a time are
 * looked at to find the lowest id from there on.
 */
const MAX_UNORDERED = 100;

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
  if (filter.agentId !== undefined) conditions.push(`a.agent_id = ${add(filter.agentId)}`);
  if (filter.type !== undefined) conditions.push(`a.type = ${add(filter.type)}`);
  if (filter.cursor !== undefined) conditions.push(`a.id < ${add(filter.cursor)}::bigint`);
  if (filter.since !== undefined) {
    const since = `${add(filter.since.toISOString())}::timestamptz`;
    conditions.push(`a.created_at >= ${since}`);
    conditions.push(`a.id >= (SELECT min(first.id) FROM (SELECT id FROM activities
      WHERE project_id = ${project} AND created_at >= ${since} ORDER BY created_at LIMIT ${MAX_UNORDERED}) AS first)`);
  }
  // One more than the page tells whether there is another page.
  const { rows } = await pool.query<ActivityRow & { now: Date }>(
    `SELECT p.id::text, p.created_at AS at, p.agent_id AS "agentId", g.name AS "agentName", p.session_id AS "sessionId",
       p.type, p.subject, p.metadata, now() AS now
     FROM (SELECT * FROM activities a WHERE ${conditions.join(' AND ')} ORDER BY a.id DESC LIMIT ${add(filter.limit + 1)}) p
     LEFT JOIN agents g ON g.id = p.agent_id ORDER BY p.id DESC`,
    values,
  );
  const activities = rows.slice(0, filter.limit);
  return {
    activities,
    nextCursor: rows.length > filter.limit ? (activities.at(-1)?.id ?? null) : null,
    now: rows[0]?.now ?? new Date(),
  };
}

function checkFilter({ cursor, agentId, type }: ActivityFilter): void {
  if (cursor !== undefined && !/^\d{1,18}$/.test(cursor)) {
    throw unusable('cursor', 'Pass next_cursor of the page before, or leave cursor out for the newest activities.');
  }
  if (agentId !== undefined && !isIdOf('agent_', agentId)) {
    throw unusable('agent_id', 'Pass the id of an agent, as the timeline and who_is_working show it.');
  }
  if (type !== undefined && !/^[a-z_]{1,60}$/.test(type)) {
    throw unusable('type', 'Pass a type as the timeline shows it, such as task_ended or decision.');
  }
}

function unusable(name: string, fix: string): AppError {
  return new AppError({ code: 'invalid_argument', message: `${name} is not usable.`, fix });
}
