import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { atWork, refreshBranch } from '../names/read-agents.js';
import type { ActiveSession, EndedSession, IdleAgent, WorkingAgent } from './session-types.js';
import { createTaskLookup } from './task-lookup.js';
import { createUndoBegin } from './undo-begin.js';

export interface SessionEnd {
  sessionId: string;
  summary: string;
  tokensIn: number | null;
  tokensOut: number | null;
  model: string | null;
  costUsd: number | null;
}

export type SessionRepository = ReturnType<typeof createSessionRepository>;

/** Idle agents that are shown. */
const IDLE_SHOWN = 20;
/** Of a task in the list of who works: it may be a document. */
const LISTED_CHARS = 2_000;

// The session's row is created by acquire_locks, in the transaction that grants its locks.
export function createSessionRepository(pool: Pool) {
  return {
    /** @param sessionId a session that counts also when it is a subagent's */
    async listActive(agentId: string, sessionId: string | null = null): Promise<ActiveSession[]> {
      const { rows } = await pool.query<ActiveSession>({
        name: 'session_active',
        text: `SELECT id, task, started_at AS "startedAt" FROM sessions
          WHERE agent_id = $1 AND status = 'active' AND (subagent IS NULL OR id = $2) ORDER BY started_at DESC`,
        values: [agentId, sessionId],
      });
      return rows;
    },

    ...createTaskLookup(pool),
    ...createUndoBegin(pool),

    /** Completes an active session (and those of its subagents) and frees its locks, in one statement; null when there is none. */
    async end(actor: Actor, end: SessionEnd): Promise<EndedSession | null> {
      const { rows } = await pool.query({
        name: 'session_end',
        // Under the project's lock, like all that ends several locks: two that write the same rows never meet.
        text: `WITH locked AS MATERIALIZED (
            SELECT lock_boards(ARRAY(SELECT l.project_id FROM locks l WHERE l.agent_id = $1 AND l.ended_at IS NULL) || $8::text)
          ), ended AS (
            UPDATE sessions s SET status = 'completed', ended_at = now(), last_active_at = now(), summary = $3,
              tokens_in = $4, tokens_out = $5, model = $6, cost_usd = $7
            FROM locked WHERE s.id = $2 AND s.agent_id = $1 AND s.status = 'active' RETURNING s.*
          ), children AS (
            UPDATE sessions SET status = 'completed', ended_at = now()
            WHERE parent_id = (SELECT id FROM ended) AND status = 'active' RETURNING id
          ), freed AS (
            SELECT e.id, e.pattern FROM end_locks(ARRAY(
              SELECT l.id FROM locks l WHERE l.agent_id = $1 AND l.ended_at IS NULL
                AND l.session_id IN (SELECT id FROM ended UNION ALL SELECT id FROM children)), 'released') e
          ), task AS (
            UPDATE agents SET last_seen_at = now(), current_task = (
                SELECT s.task FROM sessions s WHERE s.agent_id = $1 AND s.status = 'active' AND s.id <> $2
                  AND s.subagent IS NULL ORDER BY s.started_at DESC LIMIT 1)
            WHERE id = (SELECT agent_id FROM ended)
          ), activity AS (
            INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
            SELECT project_id, agent_id, id, 'task_ended', left($3, 300),
                   jsonb_strip_nulls(jsonb_build_object('task', task, 'tokens_in', $4::bigint, 'tokens_out', $5::bigint,
                                                        'model', $6::text, 'cost_usd', $7::numeric)) FROM ended
          )
          SELECT id AS "sessionId", task, started_at AS "startedAt", ended_at AS "endedAt", cost_usd::float8 AS "costUsd",
            coalesce((SELECT json_agg(json_build_object('id', id, 'pattern', pattern) ORDER BY pattern) FROM freed), '[]') AS locks
          FROM ended`,
        values: [
          actor.agentId,
          end.sessionId,
          end.summary,
          end.tokensIn,
          end.tokensOut,
          end.model,
          end.costUsd,
          actor.projectId,
        ],
      });
      return rows[0] ?? null;
    },

    /** A session that was completed within the last minutes with this summary: what a call that came twice had done. */
    async findEnded(actor: Actor, summary: string): Promise<EndedSession | null> {
      const { rows } = await pool.query(
        `SELECT id AS "sessionId", task, started_at AS "startedAt", ended_at AS "endedAt", cost_usd::float8 AS "costUsd",
           coalesce((SELECT json_agg(json_build_object('id', l.id, 'pattern', l.pattern) ORDER BY l.pattern) FROM locks l
             WHERE l.session_id = s.id
             AND l.ended_at BETWEEN s.ended_at - interval '1 second' AND s.ended_at + interval '5 seconds'), '[]') AS locks
         FROM sessions s WHERE agent_id = $1 AND status = 'completed' AND summary = $2
           AND ended_at > now() - interval '10 minutes' ORDER BY ended_at DESC LIMIT 1`,
        [actor.agentId, summary],
      );
      return rows[0] ?? null;
    },

    /** The session of a client's subagent: a new one, or the one that it has already. */
    async openSubagent(
      actor: Actor,
      session: { id: string; parentId: string | null; subagent: string; task: string },
    ): Promise<string> {
      const { rows } = await pool.query<{ id: string }>({
        name: 'session_subagent',
        text: `WITH known AS (
            SELECT id FROM sessions WHERE agent_id = $1 AND subagent = $5 AND status = 'active' LIMIT 1
          ), opened AS (
            INSERT INTO sessions (id, project_id, agent_id, parent_id, subagent, task)
            SELECT $3, $2, $1, $4, $5, $6 WHERE NOT EXISTS (SELECT 1 FROM known) RETURNING id
          ) SELECT id FROM known UNION ALL SELECT id FROM opened`,
        values: [actor.agentId, actor.projectId, session.id, session.parentId, session.subagent, session.task],
      });
      return rows[0]?.id ?? session.id;
    },

    /** Agents with tasks or locks, and idle ones, of a project; those that have been silent for too long are left out. */
    async listWorking(
      projectId: string,
      deadAfterSeconds: number,
    ): Promise<{ active: WorkingAgent[]; idle: IdleAgent[]; now: Date }> {
      const { rows } = await pool.query({
        name: 'session_working',
        text: `WITH present AS (
            SELECT a.*, agent_facts(a) AS agent FROM agents a WHERE a.project_id = $1 AND a.status = 'active'
              AND a.last_seen_at > now() - make_interval(secs => $2)
          ), held AS (
            -- Of other repositories by their whole path.
            SELECT l.agent_id, l.session_id, min(l.acquired_at) AS since, array_agg(
              CASE WHEN l.project_id = $1 THEN l.pattern ELSE l.worktree || '/' || l.pattern END ORDER BY l.pattern) AS files
            FROM present a JOIN locks l ON l.agent_id = a.id
            WHERE l.ended_at IS NULL AND l.expires_at > clock_timestamp()
            GROUP BY 1, 2
          ), working AS (
            SELECT a.id AS "agentId", a.name, a.agent, a.worktree, s.id AS "sessionId", left(s.task, ${LISTED_CHARS}) AS task,
              coalesce((SELECT files FROM held h WHERE h.session_id = s.id), '{}')
                || coalesce((SELECT files FROM held h WHERE h.agent_id = a.id AND h.session_id IS NULL), '{}') AS files,
              s.started_at AS "startedAt", greatest(s.last_active_at, a.last_seen_at) AS "lastActive"
            FROM present a JOIN sessions s ON s.agent_id = a.id AND s.status = 'active'
            UNION ALL
            SELECT a.id, a.name, a.agent, a.worktree, NULL, NULL, h.files, h.since, a.last_seen_at
            FROM present a JOIN held h ON h.agent_id = a.id AND h.session_id IS NULL
            WHERE NOT EXISTS (SELECT 1 FROM sessions s WHERE s.agent_id = a.id AND s.status = 'active')
          )
          SELECT now() AS now,
            coalesce((SELECT json_agg(w ORDER BY w."startedAt" DESC) FROM working w), '[]') AS active,
            coalesce((SELECT json_agg(i) FROM (
              SELECT a.id AS "agentId", a.name, a.agent, a.last_seen_at AS "lastActive" FROM present a
              WHERE a.id NOT IN (SELECT "agentId" FROM working) ORDER BY a.last_seen_at DESC LIMIT ${IDLE_SHOWN}
            ) i), '[]') AS idle`,
        values: [projectId, deadAfterSeconds],
      });
      const { now, active, idle } = rows[0];
      return {
        now,
        active: await Promise.all(
          active.map(async (row: WorkingAgent) => ({
            ...row,
            agent: await atWork(row.agent, row.task),
            startedAt: new Date(row.startedAt),
            lastActive: new Date(row.lastActive),
          })),
        ),
        idle: await Promise.all(
          idle.map(async (row: IdleAgent) => ({
            ...row,
            agent: await refreshBranch(row.agent),
            lastActive: new Date(row.lastActive),
          })),
        ),
      };
    },
  };
}
