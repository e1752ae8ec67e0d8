import type { Pool } from 'pg';
import { retry } from '../../async/retry.js';
import { isConcurrencyFailure } from '../../db/database-errors.js';
import type { AgentFacts } from '../../text/word-agent.js';
import type { EndedLock } from '../locks/lock-types.js';
import { readAgents } from '../names/read-agents.js';
import { type AgentRow, type Connected, type ConnectedProject, connectAgent } from './connect-agent.js';
import type { Beat, Heartbeat } from './gather-heartbeats.js';

export interface Disconnected {
  agentId: string;
  projectId: string;
  locks: EndedLock[];
  sessions: { id: string; task: string }[];
}

/** The process of an agent. */
export interface AgentProcess {
  id: string;
  host: string | null;
  pid: number | null;
  /** When it was started; null where that is not known. */
  pidStart: string | null;
}

export type AgentRepository = ReturnType<typeof createAgentRepository>;

export function createAgentRepository(pool: Pool) {
  return {
    connect: (project: ConnectedProject, agent: AgentRow, hasLivenessLock = false): Promise<Connected> =>
      connectAgent(pool, project, agent, hasLivenessLock),

    /** What texts name these agents by. */
    describe: (agentIds: readonly string[]): Promise<Map<string, AgentFacts>> => readAgents(pool, agentIds),

    /**
     * Signs that the processes of these agents live, though nobody may work: renews no lock.
     * @param busyMinutes a tool call that began longer ago than this is no sign of work
     * @returns by agent; those that are missing were declared disconnected
     */
    async heartbeats(beats: readonly Beat[], busyMinutes: number): Promise<Map<string, Heartbeat>> {
      const { rows } = await pool.query<{ id: string; holds: boolean; isBusy: boolean }>({
        name: 'agent_heartbeats',
        text: `WITH seen AS (
            UPDATE agents a SET last_seen_at = now(), branch = coalesce(b.branch, a.branch)
            FROM unnest($1::text[], $2::text[]) AS b (id, branch)
            WHERE a.id = b.id AND a.status <> 'disconnected' RETURNING a.id
          )
          SELECT id, EXISTS (SELECT 1 FROM locks l WHERE l.agent_id = seen.id AND l.ended_at IS NULL)
              OR EXISTS (SELECT 1 FROM sessions s WHERE s.agent_id = seen.id AND s.status = 'active') AS holds,
            EXISTS (SELECT 1 FROM agent_commands c WHERE c.agent_id = seen.id AND c.ended_at IS NULL
              AND c.started_at > now() - make_interval(mins => $3)) AS "isBusy"
          FROM seen`,
        values: [beats.map(({ agentId }) => agentId), beats.map(({ branch }) => branch), busyMinutes],
      });
      return new Map(rows.map(({ id, holds, isBusy }) => [id, { connected: true, holds, isBusy }]));
    },

    /**
     * A sign of life of those who work: of the agent, of these sessions (and those they were started from), and of the
     * locks that they hold; without a session, of all tasks and locks of the agent. False when the agent was declared disconnected.
     *
     * Waits only for writers of the agent's own row: locks that are just being ended or granted are passed over, so that
     * no cycle of waiting can arise with those who end an agent's locks.
     */
    async touch(agentId: string, sessionIds: readonly string[]): Promise<boolean> {
      const { rows } = await pool.query<{ connected: boolean }>({
        name: 'agent_touch',
        text: `WITH agent AS (
            UPDATE agents SET last_seen_at = now() WHERE id = $1 AND status <> 'disconnected' RETURNING id
          ), named AS (
            SELECT s.id, s.parent_id FROM sessions s
            WHERE s.agent_id = $1 AND (s.id = ANY($2) OR cardinality($2) = 0 AND s.status = 'active')
          ), working AS (
            SELECT id FROM named UNION SELECT parent_id FROM named WHERE parent_id IS NOT NULL
          ), sessions_seen AS (
            UPDATE sessions SET last_active_at = now() WHERE id IN (
              SELECT s.id FROM agent a JOIN sessions s ON s.agent_id = a.id
              WHERE s.id IN (SELECT id FROM working) AND s.status = 'active' FOR NO KEY UPDATE OF s SKIP LOCKED)
          ), renewed AS (
            UPDATE locks SET expires_at = greatest(expires_at, clock_timestamp() + make_interval(secs => life_seconds)),
              warned_at = NULL
            WHERE id IN (
              SELECT l.id FROM agent a JOIN locks l ON l.agent_id = a.id
              WHERE l.ended_at IS NULL AND l.expires_at > clock_timestamp()
                AND (cardinality($2) = 0 OR l.session_id IS NULL OR l.session_id IN (SELECT id FROM working))
              FOR NO KEY UPDATE OF l SKIP LOCKED)
          )
          SELECT EXISTS (SELECT 1 FROM agent) AS connected`,
        values: [agentId, sessionIds],
      });
      return rows[0]?.connected ?? false;
    },

    /** Ends the agent with all that it holds and logs why; null when it had ended before. */
    async disconnect(agentId: string, reason: string): Promise<Disconnected | null> {
      const end = () =>
        pool.query<{ outcome: RawDisconnected | null }>({
          name: 'agent_disconnect',
          text: 'SELECT disconnect_agent($1, $2) AS outcome',
          values: [agentId, reason],
        });
      const { rows } = await retry(end, { attempts: 3, isRetryable: isConcurrencyFailure });
      const outcome = rows[0]?.outcome;
      if (!outcome) return null;
      const { agent, project, locks, sessions } = outcome;
      return {
        agentId: agent,
        projectId: project,
        locks: locks.map((lock) => ({ ...lock, agentId: agent })),
        sessions,
      };
    },

    /** Whether the agent's process is this one, as far as is known. */
    async isAt(agentId: string, { host, pid }: { host: string | null; pid: number | null }): Promise<boolean> {
      const { rowCount } = await pool.query({
        name: 'agent_is_at',
        text: 'SELECT 1 FROM agents WHERE id = $1 AND host IS NOT DISTINCT FROM $2 AND pid IS NOT DISTINCT FROM $3',
        values: [agentId, host, pid],
      });
      return (rowCount ?? 0) > 0;
    },

    /** Active agents of any project, for those who know all their processes: an embedded server that follows another. */
    async listActive(): Promise<{ agents: AgentProcess[]; now: Date }> {
      // The clock first: an agent that connects from now on has been seen later than that.
      const { rows: clock } = await pool.query<{ now: Date }>('SELECT clock_timestamp() AS now');
      const { rows } = await pool.query<AgentProcess>(
        `SELECT id, host, pid, metadata->>'pid_start' AS "pidStart" FROM agents WHERE status = 'active'`,
      );
      return { agents: rows, now: clock[0]?.now ?? new Date() };
    },

    /** Those of these agents that gave no sign of life since. */
    async listSilent(agentIds: readonly string[], since: Date): Promise<string[]> {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM agents WHERE id = ANY($1) AND status = 'active' AND last_seen_at < $2`,
        [agentIds, since],
      );
      return rows.map(({ id }) => id);
    },
  };
}

interface RawDisconnected {
  agent: string;
  project: string;
  locks: { id: string; pattern: string }[];
  sessions: { id: string; task: string }[];
}
