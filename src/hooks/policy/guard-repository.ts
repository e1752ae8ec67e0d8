import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { rememberSession } from '../../coordination/agents/remember-session.js';
import type { LiveLock } from '../../coordination/locks/lock-types.js';
import type { ShellWriteFacts } from '../../coordination/notices/notice-types.js';
import type { Board } from '../../ipc/control-protocol.js';
import type { HookAgent } from '../identify/hook-agent.js';

/** Locks that a status line has room for. */
const MAX_SHOWN_LOCKS = 3;

export interface FileWrite {
  path: string;
  agentId: string;
  hash: string;
}

/** A live lock, as far as changes of its files go. */
export type HeldLock = Pick<
  LiveLock,
  'id' | 'pattern' | 'key' | 'isGlob' | 'origin' | 'acquiredAt' | 'agentId' | 'task'
> & {
  /** Held in another worktree or clone: its file there is as it was. */
  isElsewhere?: boolean;
};

export type GuardRepository = ReturnType<typeof createGuardRepository>;

const BOARD = `
  WITH held AS (
    SELECT pattern, token FROM locks
    WHERE agent_id = $1 AND ended_at IS NULL AND expires_at > clock_timestamp())
  SELECT (SELECT s.task FROM sessions s WHERE s.agent_id = $1 AND s.status = 'active' AND s.subagent IS NULL
            ORDER BY s.started_at DESC LIMIT 1) AS task,
    ARRAY(SELECT pattern FROM held ORDER BY token LIMIT $3) AS locks,
    (SELECT count(*)::int FROM held) AS "lockCount",
    (SELECT count(*)::int FROM agents a
       WHERE a.project_id = $2 AND a.status <> 'disconnected' AND a.id <> $1) AS others`;

const HELD_OF_TEAM = `
  SELECT l.id, l.pattern, l.key, l.is_glob AS "isGlob", l.origin, l.acquired_at AS "acquiredAt",
    l.agent_id AS "agentId", coalesce(s.task, a.current_task) AS task, l.worktree <> $2 AS "isElsewhere"
  FROM locks l JOIN agents a ON a.id = l.agent_id LEFT JOIN sessions s ON s.id = l.session_id
  WHERE l.project_id = $1 AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()
    AND (l.worktree = $2 OR (SELECT across_worktrees = 'deny' FROM projects WHERE id = $1))
  ORDER BY l.worktree <> $2, l.pattern, l.token`;

export function createGuardRepository(pool: Pool) {
  return {
    /**
     * Connected agents of this host, whatever their project, and those that are known by this session; newest first.
     * @param memberId of a team: that member's agents alone; without one those that did not connect by HTTP
     */
    async listAgents(host: string, clientSession: string | null, memberId: string | null = null): Promise<HookAgent[]> {
      const { rows } = await pool.query<HookAgent>({
        name: 'guard_agents',
        text: `SELECT a.id, a.project_id AS "projectId", a.name, coalesce(a.client, a.name) AS client, a.pid,
            a.host = $1 AS "isLocal", a.worktree,
            a.client_session AS "clientSession", a.hooks_heard_at IS NOT NULL AS "isHooked",
            EXISTS (SELECT 1 FROM notices n WHERE n.agent_id = a.id) AS "hasNotices",
            (SELECT coalesce(json_agg(json_build_object('id', s.id, 'parentId', s.parent_id, 'subagent', s.subagent)
                                      ORDER BY s.started_at DESC), '[]')
               FROM sessions s WHERE s.agent_id = a.id AND s.status = 'active') AS sessions
          FROM agents a WHERE a.status <> 'disconnected' AND (a.host = $1 OR a.client_session = $2)
            AND a.member_id IS NOT DISTINCT FROM $3
          ORDER BY a.connected_at DESC LIMIT 500`,
        values: [host, clientSession, memberId],
      });
      return rows;
    },

    /** See remember-session.ts. @returns the agent's name */
    rememberSession: (agentId: string, clientSession: string) => rememberSession(pool, agentId, clientSession),

    /** Keeps the first words of what the agent's user asked last, for texts that name the agent. */
    async rememberPrompt(agentId: string, prompt: string): Promise<void> {
      await pool.query({
        name: 'guard_remember_prompt',
        text: 'UPDATE agents SET last_prompt = $2 WHERE id = $1',
        values: [agentId, prompt],
      });
    },

    /** Live locks on files of one worktree. */
    async listHeld(projectId: string, worktree: string): Promise<HeldLock[]> {
      const { rows } = await pool.query<HeldLock>({
        name: 'guard_held',
        text: `SELECT l.id, l.pattern, l.key, l.is_glob AS "isGlob", l.origin, l.acquired_at AS "acquiredAt",
            l.agent_id AS "agentId", coalesce(s.task, a.current_task) AS task
          FROM locks l JOIN agents a ON a.id = l.agent_id LEFT JOIN sessions s ON s.id = l.session_id
          WHERE l.project_id = $1 AND l.worktree = $2 AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()
          ORDER BY l.pattern, l.token`,
        values: [projectId, worktree],
      });
      return rows;
    },

    /** The same for a team's server: where the project's locks exclude across worktrees, also those of other clones. */
    async listHeldOfTeam(projectId: string, worktree: string): Promise<(HeldLock & { isElsewhere: boolean })[]> {
      const { rows } = await pool.query<HeldLock & { isElsewhere: boolean }>({
        name: 'guard_held_of_team',
        text: HELD_OF_TEAM,
        values: [projectId, worktree],
      });
      return rows;
    },

    /** What an agent's status line shows. */
    async readBoard({ agentId, projectId }: Actor): Promise<Omit<Board, 'agent' | 'task'> & { task: string | null }> {
      const values = [agentId, projectId, MAX_SHOWN_LOCKS];
      const { rows } = await pool.query({ name: 'guard_board', text: BOARD, values });
      return rows[0];
    },

    /** Records what an agent has written, so that no other agent is taken for its writer. */
    async recordWrites(actor: Actor, worktree: string, writes: { path: string; hash: string }[]): Promise<void> {
      if (writes.length === 0) return;
      await pool.query({
        name: 'guard_record_writes',
        text: `INSERT INTO file_writes (project_id, worktree, path, agent_id, content_hash)
          SELECT $1, $2, path, $3, hash FROM unnest($4::text[], $5::text[]) AS w (path, hash)
          ON CONFLICT (project_id, worktree, path)
          DO UPDATE SET agent_id = EXCLUDED.agent_id, content_hash = EXCLUDED.content_hash, written_at = now()`,
        values: [
          actor.projectId,
          worktree,
          actor.agentId,
          writes.map((each) => each.path),
          writes.map((each) => each.hash),
        ],
      });
    },

    /** What agents have written since then. A content of an earlier time tells nothing: it may have been written again. */
    async findWrites(projectId: string, worktree: string, paths: string[], since: Date): Promise<FileWrite[]> {
      const { rows } = await pool.query<FileWrite>({
        name: 'guard_find_writes',
        text: `SELECT path, agent_id AS "agentId", content_hash AS hash FROM file_writes
          WHERE project_id = $1 AND worktree = $2 AND path = ANY($3) AND written_at >= $4`,
        values: [projectId, worktree, paths, since],
      });
      return rows;
    },

    /** Tells the holder of files that they changed while another agent's command ran, and logs it. */
    async reportShellWrite(
      writer: { projectId: string; agentId: string | null; sessionId: string | null },
      holder: string,
      facts: ShellWriteFacts,
    ): Promise<void> {
      await pool.query({
        name: 'guard_shell_write',
        text: `WITH activity AS (
            INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
            VALUES ($1, $2, $3, 'shell_write', left(array_to_string($5::text[], ', '), 300),
                    $6::jsonb || jsonb_build_object('holder', $4::text)))
          SELECT leave_notice($1, $4, 'shell_write', $6::jsonb)`,
        values: [writer.projectId, writer.agentId, writer.sessionId, holder, facts.files, JSON.stringify(facts)],
      });
    },

    /** Frees what an agent's edits claimed, except claims of a task or a subagent that goes on. */
    async endTurnClaims(agentId: string): Promise<void> {
      await pool.query({
        name: 'guard_end_turn',
        text: `SELECT id FROM end_locks(ARRAY(
            SELECT l.id FROM locks l WHERE l.agent_id = $1 AND l.ended_at IS NULL AND l.origin = 'hook'
              AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = l.session_id AND s.status = 'active')), 'released')`,
        values: [agentId],
      });
    },
  };
}
