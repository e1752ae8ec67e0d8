import type { Pool } from 'pg';
import type { Member } from '../../actor/member.js';
import { retry } from '../../async/retry.js';
import { isUniqueViolation } from '../../db/database-errors.js';
import type { Project, WorktreePolicy } from '../../project/resolve-project.js';
import { listNames } from '../names/agent-names.js';

/** The project that an agent connects to. */
export type ConnectedProject = Project & { acrossWorktrees?: WorktreePolicy | undefined };

export interface AgentRow {
  id: string;
  /** What the client calls itself. */
  client: string;
  clientVersion: string | null;
  /** Null for a client on another machine that does not say. */
  host: string | null;
  pid: number | null;
  /** When that process was started, as its system counts it; null where the system does not tell. */
  pidStart?: string | null;
  /** Where its user sees it; null where its process has no terminal. */
  terminal: string | null;
  /** That is checked out where it works; null where that is no repository. */
  branch: string | null;
  /** The client's own session; null where it does not say. */
  clientSession: string | null;
  /** Whose it is, of an agent that connected by HTTP. */
  member?: Member | undefined;
}

/** What was found when an agent connected. */
export interface Connected {
  /** By which others speak of the agent. */
  name: string;
  /** `returned`: it was never disconnected; `revived`: it had been declared disconnected, and its locks are free. */
  as: 'new' | 'returned' | 'revived';
}

/** Agents that join at once may choose one name: all but one of them ask again, so often at most. */
const MAX_NAMINGS = 20;

const CONNECT = `WITH project AS (
    INSERT INTO projects (id, root, across_worktrees) VALUES ($1, $2, coalesce($11::worktree_policy, 'warn'))
    ON CONFLICT (id) DO UPDATE SET across_worktrees = excluded.across_worktrees
    WHERE $11::worktree_policy IS NOT NULL AND projects.across_worktrees <> $11::worktree_policy
  ), before AS (
    SELECT status FROM agents WHERE id = $3
  ), activity AS (
    INSERT INTO activities (project_id, agent_id, type, subject, metadata)
    SELECT $1, $3, 'agent_connected', $4::text, jsonb_build_object('worktree', $8::text)
    WHERE NOT EXISTS (SELECT 1 FROM before WHERE status = 'active')
  )
  INSERT INTO agents (id, project_id, name, client, client_version, host, pid, worktree, has_liveness_lock, client_session,
                      terminal, branch, metadata, liveness_timeline, person, member_id)
  VALUES ($3, $1, choose_agent_name($3, $1, $10, $14), $4, $5, $6, $7, $8, $9, $10, $12, $13,
          jsonb_build_object('pid_start', $15::text), current_timeline(), $16, $17)
  ON CONFLICT (id) DO UPDATE SET last_seen_at = now(), status = 'active', disconnected_at = NULL,
    name = excluded.name, client = excluded.client, host = excluded.host, pid = excluded.pid,
    terminal = excluded.terminal, branch = excluded.branch, has_liveness_lock = excluded.has_liveness_lock,
    metadata = agents.metadata || excluded.metadata, suspected_at = NULL, liveness_timeline = excluded.liveness_timeline,
    -- What a hook has said since is newer than what the client said at its start.
    client_session = coalesce(agents.client_session, excluded.client_session)
  RETURNING name, (SELECT status FROM before) AS status`;

/**
 * Makes the project and the agent known, in one statement. Again for the same agent it is a sign of life, and after it was
 * declared disconnected the beginning of another connection. Its name stays, unless another agent has taken it meanwhile.
 * @param hasLivenessLock its process holds its liveness lock
 */
export async function connectAgent(
  pool: Pool,
  project: ConnectedProject,
  agent: AgentRow,
  hasLivenessLock: boolean,
): Promise<Connected> {
  const connect = () =>
    pool.query<{ status: string | null; name: string }>({
      name: 'agent_connect',
      text: CONNECT,
      values: [
        project.id,
        project.root,
        agent.id,
        agent.client,
        agent.clientVersion,
        agent.host,
        agent.pid,
        project.worktree,
        hasLivenessLock,
        agent.clientSession,
        project.acrossWorktrees ?? null,
        agent.terminal,
        agent.branch,
        listNames(agent.id),
        agent.pidStart ?? null,
        agent.member?.person ?? null,
        agent.member?.id ?? null,
      ],
    });
  const isRetryable = (error: unknown) => isUniqueViolation(error, 'agents_living_name_key');
  const { rows } = await retry(connect, { attempts: MAX_NAMINGS, isRetryable });
  const [row] = rows;
  if (!row) throw new Error('an INSERT with RETURNING returned no row');
  return { as: row.status === null ? 'new' : row.status === 'active' ? 'returned' : 'revived', name: row.name };
}
