import type { Pool } from 'pg';
import type { CallsOf, ToolCall } from '../identify/check-caller.js';

/** A tool call of an agent's client that begins now. */
export interface NewCommand {
  projectId: string;
  worktree: string;
  agentId: string | null;
  /** Who calls, and the client's own id of the call. */
  callKey: string;
  isEdit: boolean;
  host: string;
  clientPid: number | null;
  /** Redacted, and cut. */
  command: string;
  /** Keys of the files that an edit writes. */
  files?: string[];
}

/** A tool call of another agent that ran at the same time, at least in part. */
export interface OtherCommand {
  id: string;
  agentId: string | null;
  isEdit: boolean;
  command: string;
  clientPid: number | null;
  startedAt: Date;
  /** Null until it returns. */
  endedAt: Date | null;
  startAge: number;
  /** Keys that an edit writes, or that changed while a command ran; null when that is not known. */
  changed: string[] | null;
  /** What it left running, as `pid start`. */
  survivors: string[] | null;
}

/** A call that has ended now, with what ran beside it. */
export interface EndedCommand {
  id: string;
  clientPid: number | null;
  startedAt: Date;
  /** Seconds since its start. */
  startAge: number;
  others: OtherCommand[];
}

/** Ended calls are kept so long: their processes may go on. */
const KEPT_HOURS = 12;

export type CommandRepository = ReturnType<typeof createCommandRepository>;

export function createCommandRepository(pool: Pool) {
  return {
    /** Records the beginning. @returns calls of this worktree whose processes went on after they had returned */
    async begin(command: NewCommand): Promise<{ id: string; survivors: string[] }[]> {
      const { projectId, worktree, agentId, callKey, isEdit, host, clientPid, files } = command;
      const { rows } = await pool.query<{ id: string; survivors: string[] }>({
        name: 'command_begin',
        text: `WITH begun AS (
            INSERT INTO agent_commands (project_id, worktree, agent_id, call_key, is_edit, host, client_pid, command, changed)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
          ), purged AS (
            DELETE FROM agent_commands o WHERE project_id = $1 AND started_at < now() - make_interval(hours => ${KEPT_HOURS})
              AND NOT EXISTS (SELECT 1 FROM agents a WHERE a.id = o.agent_id AND a.status <> 'disconnected'
                AND NOT EXISTS (SELECT 1 FROM agent_commands n WHERE n.agent_id = o.agent_id AND n.id > o.id))
          )
          SELECT id::text, survivors FROM agent_commands
          WHERE project_id = $1 AND worktree = $2 AND host = $6 AND survivors IS NOT NULL`,
        values: [projectId, worktree, agentId, callKey, isEdit, host, clientPid, command.command, files ?? null],
      });
      return rows;
    },

    /**
     * Records the end, and finds the calls of others in the same worktree that overlapped with it.
     * @param changed keys of held files that changed meanwhile; null when not all were compared
     * @returns null when its beginning was not recorded
     */
    async end(projectId: string, callKey: string, changed: readonly string[] | null): Promise<EndedCommand | null> {
      const { rows } = await pool.query<Omit<EndedCommand, 'others'> & { others: JsonCommand[] }>({
        name: 'command_end',
        text: `WITH own AS (
            UPDATE agent_commands SET ended_at = clock_timestamp(), changed = CASE WHEN is_edit THEN changed ELSE $3 END
            WHERE id = (SELECT max(id) FROM agent_commands
                        WHERE project_id = $1 AND call_key = $2 AND ended_at IS NULL) RETURNING *
          )
          SELECT own.id::text, own.client_pid AS "clientPid", own.started_at AS "startedAt",
            extract(epoch FROM clock_timestamp() - own.started_at)::float8 AS "startAge",
            (SELECT coalesce(json_agg(json_build_object('id', o.id::text, 'agentId', o.agent_id,
                'isEdit', o.is_edit, 'command', o.command, 'clientPid', o.client_pid, 'startedAt', o.started_at,
                'endedAt', o.ended_at, 'changed', o.changed, 'survivors', o.survivors,
                'startAge', extract(epoch FROM clock_timestamp() - o.started_at)::float8) ORDER BY o.id), '[]')
             FROM agent_commands o LEFT JOIN agents a ON a.id = o.agent_id
             WHERE o.project_id = own.project_id AND o.worktree = own.worktree AND o.host = own.host AND o.id <> own.id
               AND (o.agent_id IS NULL OR o.agent_id IS DISTINCT FROM own.agent_id)
               AND (o.ended_at >= own.started_at
                 OR (o.ended_at IS NULL OR o.survivors IS NOT NULL) AND a.status IS DISTINCT FROM 'disconnected')
            ) AS others FROM own`,
        values: [projectId, callKey, changed],
      });
      const [ended] = rows;
      return ended ? { ...ended, others: ended.others.map(toCommand) } : null;
    },

    /** A call has returned, and processes of it go on: it counts as running until they end. */
    async keepRunning(id: string, survivors: readonly string[]): Promise<void> {
      await pool.query({
        name: 'command_survivors',
        text: 'UPDATE agent_commands SET survivors = $2 WHERE id = $1',
        values: [id, survivors],
      });
    },

    /** Calls that are over, with all their processes, though nothing told it. */
    async close(ids: readonly string[]): Promise<void> {
      if (ids.length === 0) return;
      await pool.query({
        name: 'command_close',
        text: `UPDATE agent_commands SET survivors = NULL, ended_at = coalesce(ended_at, clock_timestamp())
          WHERE id = ANY($1::bigint[])`,
        values: [ids],
      });
    },

    /** The agent waits for its user: what it called has returned, or was cancelled. */
    async closeAll(agentId: string): Promise<void> {
      await pool.query({
        name: 'command_close_all',
        text: `UPDATE agent_commands SET ended_at = clock_timestamp()
          WHERE agent_id = $1 AND ended_at IS NULL`,
        values: [agentId],
      });
    },

    /** Commands of these clients, of this agent, and of all agents in this worktree, with ages in seconds. */
    async listCalls({ host, worktree, clientPids, agentId }: CallsOf): Promise<(ToolCall & { isRelated: boolean })[]> {
      const { rows } = await pool.query<ToolCall & { isRelated: boolean }>({
        name: 'command_calls',
        text: `SELECT client_pid AS "clientPid", coalesce(client_pid = ANY($2) OR agent_id = $3, false) AS "isRelated",
            extract(epoch FROM clock_timestamp() - started_at)::float8 AS "startAge",
            extract(epoch FROM clock_timestamp() - ended_at)::float8 AS "endAge"
          FROM agent_commands WHERE NOT is_edit AND host = $1 AND (client_pid = ANY($2) OR agent_id = $3 OR worktree = $4)`,
        values: [host, clientPids, agentId, worktree],
      });
      return rows;
    },

    /** Those of these agents that ran a command at the time, in seconds since 1970. */
    async listRunningAt(projectId: string, agentIds: readonly string[], atSeconds: number): Promise<string[]> {
      const { rows } = await pool.query<{ agentId: string }>({
        name: 'command_running_at',
        text: `SELECT DISTINCT agent_id AS "agentId" FROM agent_commands
          WHERE project_id = $1 AND agent_id = ANY($2) AND NOT is_edit AND started_at <= to_timestamp($3) + interval '1 s'
            AND (ended_at IS NULL OR survivors IS NOT NULL OR ended_at >= to_timestamp($3))`,
        values: [projectId, agentIds, atSeconds],
      });
      return rows.map(({ agentId }) => agentId);
    },
  };
}

type JsonCommand = Omit<OtherCommand, 'startedAt' | 'endedAt'> & { startedAt: string; endedAt: string | null };

function toCommand({ startedAt, endedAt, ...command }: JsonCommand): OtherCommand {
  return { ...command, startedAt: new Date(startedAt), endedAt: endedAt === null ? null : new Date(endedAt) };
}
