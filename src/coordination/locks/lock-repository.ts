import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import type { Pattern } from '../../globs/pattern-types.js';
import { listPoints } from './list-points.js';
import type { EndedLock, GrantedLock, LiveLock, LockConflict, LockMode, LockWaiter } from './lock-types.js';

/** A lock or a place in the queue (its id begins with `w`) that the caller has to compare with what he asks for. */
export interface Unjudged {
  id: string;
  keys: string[];
  globs: boolean[];
}

export interface FoundConflict extends Unjudged, Omit<LockConflict, 'requested' | 'pattern'> {
  patterns: string[];
  /** The holder's process may be gone: a second look within some seconds will know. */
  suspected: boolean;
}

export interface AcquireAttempt {
  /** Ids for new locks, one for each pattern. */
  ids: readonly string[];
  patterns: readonly Pattern[];
  mode: LockMode;
  lifeSeconds: number;
  origin: 'tool' | 'hook';
  task: string | null;
  /** Ids that were judged before: they never change what they stand for. */
  free: readonly string[];
  overlapping: readonly string[];
  waiter: string | null;
  wait: boolean;
  /** Conflicts are told with all that a person asks about them; otherwise only that there are some. */
  describe: boolean;
}

export type AttemptResult = { expired: EndedLock[] } & (
  | { kind: 'granted'; granted: GrantedLock[]; now: Date }
  | { kind: 'unjudged'; unjudged: Unjudged[] }
  | { kind: 'conflicts'; conflicts: FoundConflict[]; waiter: string | null; cycle: boolean; now: Date }
  /** The agent was declared gone; it has to connect anew. */
  | { kind: 'disconnected' }
);

/** A lock of the past, as far as its order among others goes. */
export interface PastLock {
  key: string;
  isGlob: boolean;
  token: number;
}

export type LockRepository = ReturnType<typeof createLockRepository>;

const OWNED = `l.agent_id = $1 AND l.ended_at IS NULL AND is_same_owner($1, $2, l.agent_id, l.session_id)`;

/** Locks in SQL. What is granted is decided by the function acquire_locks; see prisma/functions. */
export function createLockRepository(pool: Pool) {
  return {
    /** One attempt, one transaction: grants everything or nothing. */
    async acquire(actor: Actor, attempt: AcquireAttempt): Promise<AttemptResult> {
      const { patterns } = attempt;
      const { points, ranges } = listPoints(patterns);
      const { rows } = await pool.query<{ result: RawResult }>({
        name: 'lock_acquire',
        text: `SELECT acquire_locks($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
          $19, false) AS result`,
        values: [
          actor.projectId,
          actor.agentId,
          actor.sessionId,
          attempt.task,
          attempt.ids,
          patterns.map((pattern) => pattern.pattern),
          patterns.map((pattern) => pattern.key),
          patterns.map((pattern) => pattern.literalPrefix),
          patterns.map((pattern) => pattern.isGlob),
          points.map((base) => placeOf(actor.projectId, base)),
          ranges.map((base) => placeOf(actor.projectId, base)),
          attempt.mode,
          attempt.lifeSeconds,
          attempt.origin,
          attempt.free,
          attempt.overlapping,
          attempt.waiter,
          attempt.wait,
          attempt.describe,
        ],
      });
      return readResult(rows[0]?.result ?? {});
    },

    /** Gives up a place in the queue, and what was granted to it meanwhile: the locks with these ids. */
    async leaveQueue(waiter: string, ids: readonly string[]): Promise<void> {
      await pool.query({ name: 'lock_leave', text: 'SELECT leave_queue($1, $2)', values: [waiter, ids] });
    },

    /** Live locks of the actor: of its session and of the agent itself, or, without a session, all of the agent. */
    async listOwn(actor: Actor): Promise<{ id: string; pattern: string; key: string; isGlob: boolean }[]> {
      const { rows } = await pool.query({
        name: 'lock_own',
        text: `SELECT l.id, l.pattern, l.key, l.is_glob AS "isGlob" FROM locks l
          WHERE ${OWNED} AND l.expires_at > clock_timestamp()`,
        values: [actor.agentId, actor.sessionId],
      });
      return rows;
    },

    /** Releases the actor's locks on exactly these paths; those that ended before, by whatever cause, are passed over. */
    async releasePaths(actor: Actor, paths: readonly string[]): Promise<(EndedLock & { key: string })[]> {
      const { rows } = await pool.query({
        name: 'lock_release_paths',
        text: `SELECT e.id, e.pattern, e.key, e.agent_id AS "agentId" FROM release_locks($1, $2, $3, $4, $5) e`,
        values: [
          actor.projectId,
          actor.agentId,
          actor.sessionId,
          paths,
          paths.map((path) => placeOf(actor.projectId, path)),
        ],
      });
      return rows;
    },

    /** Ends live locks by id. */
    async end(ids: readonly string[], reason: 'released' | 'forced', note: string | null): Promise<EndedLock[]> {
      const { rows } = await pool.query({
        name: 'lock_end',
        text: `SELECT e.id, e.pattern, e.agent_id AS "agentId" FROM end_locks($1, $2, $3) e`,
        values: [ids, reason, note],
      });
      return rows;
    },

    async list(projectId: string): Promise<{ locks: LiveLock[]; waiters: LockWaiter[]; now: Date }> {
      const [locks, waiters] = await Promise.all([
        pool.query({
          name: 'lock_list',
          text: `SELECT l.id, l.pattern, l.key, l.is_glob AS "isGlob", l.mode, l.token::float8 AS token, l.origin,
              l.acquired_at AS "acquiredAt", l.expires_at AS "expiresAt", l.agent_id AS "agentId", a.name AS "agentName",
              l.session_id AS "sessionId", coalesce(s.task, a.current_task) AS task,
              greatest(s.last_active_at, a.last_seen_at) AS "lastActive"
            FROM locks l JOIN agents a ON a.id = l.agent_id LEFT JOIN sessions s ON s.id = l.session_id
            WHERE l.project_id = $1 AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()
            ORDER BY l.pattern, l.token`,
          values: [projectId],
        }),
        pool.query({
          name: 'lock_waiters',
          text: `SELECT w.id::text, w.patterns, w.mode, w.agent_id AS "agentId", a.name AS "agentName",
              w.session_id AS "sessionId", coalesce(s.task, a.current_task) AS task, w.waits_for AS "waitsFor",
              w.queued_at AS "queuedAt", clock_timestamp() AS now
            FROM lock_waiters w JOIN agents a ON a.id = w.agent_id LEFT JOIN sessions s ON s.id = w.session_id
            WHERE w.project_id = $1 AND w.alive_until > clock_timestamp() ORDER BY w.id`,
          values: [projectId],
        }),
      ]);
      const { rows } = await pool.query<{ now: Date }>('SELECT clock_timestamp() AS now');
      return { locks: locks.rows, waiters: waiters.rows, now: rows[0]?.now ?? new Date() };
    },

    /** Locks that this agent lost (not those that it released) and did not get back. */
    async listLost(projectId: string, agentId: string): Promise<PastLock[]> {
      const { rows } = await pool.query<PastLock>({
        name: 'lock_lost',
        // Live and ended ones by an index each.
        text: `SELECT key, is_glob AS "isGlob", token::float8 AS token FROM (
            SELECT DISTINCT ON (key) * FROM (
              SELECT * FROM locks WHERE agent_id = $2 AND ended_at IS NULL
              UNION ALL SELECT * FROM locks WHERE agent_id = $2 AND ended_at IS NOT NULL
            ) own WHERE project_id = $1 ORDER BY key, token DESC
          ) last WHERE end_reason IN ('expired', 'forced', 'disconnected')`,
        values: [projectId, agentId],
      });
      return rows;
    },

    /** What others were granted after this token, of these paths or by a glob. */
    async listGrantedAfter(
      projectId: string,
      agentId: string,
      token: number,
      keys: readonly string[],
    ): Promise<(PastLock & { agentId: string; agentName: string })[]> {
      const { rows } = await pool.query({
        name: 'lock_granted_after',
        text: `SELECT l.key, l.is_glob AS "isGlob", l.token::float8 AS token, l.agent_id AS "agentId", a.name AS "agentName"
          FROM locks l JOIN agents a ON a.id = l.agent_id
          WHERE l.project_id = $1 AND l.agent_id <> $2 AND l.token > $3 AND (l.is_glob OR l.key = ANY($4))`,
        values: [projectId, agentId, token, keys],
      });
      return rows;
    },
  };
}

/** A base as the index of places has it, with its project. */
function placeOf(projectId: string, base: string): string {
  return `${projectId}/${base}`;
}

/** What a place in the queue was granted, from the signal that tells of it. */
export function readGrant(json: string): Extract<AttemptResult, { kind: 'granted' }> | null {
  const result = readResult(JSON.parse(json));
  return result.kind === 'granted' ? result : null;
}

interface RawResult {
  granted?: { id: string; pattern: string; mode: LockMode; token: number; acquired: string; expires: string }[];
  unjudged?: Unjudged[];
  conflicts?: (Unjudged & {
    patterns: string[];
    mode: LockMode;
    agent: string;
    name: string;
    session: string | null;
    task: string | null;
    since: string;
    expires: string;
    active: string;
    suspected: boolean;
    queued: boolean;
  })[];
  expired?: { id: string; pattern: string; agent: string }[];
  waiter?: string | null;
  cycle?: boolean;
  disconnected?: boolean;
  now?: string;
}

function readResult(raw: RawResult): AttemptResult {
  const expired = (raw.expired ?? []).map(({ id, pattern, agent }) => ({ id, pattern, agentId: agent }));
  const now = new Date(raw.now ?? Date.now());
  if (raw.disconnected) return { kind: 'disconnected', expired };
  if (raw.unjudged) return { kind: 'unjudged', unjudged: raw.unjudged, expired };
  if (raw.conflicts) {
    const conflicts = raw.conflicts.map(({ agent, name, session, since, expires, active, ...rest }) => ({
      ...rest,
      agentId: agent,
      agentName: name,
      sessionId: session,
      since: new Date(since),
      expiresAt: new Date(expires),
      lastActive: new Date(active),
    }));
    return { kind: 'conflicts', conflicts, waiter: raw.waiter ?? null, cycle: raw.cycle ?? false, now, expired };
  }
  const granted = (raw.granted ?? []).map(({ acquired, expires, ...rest }) => ({
    ...rest,
    acquiredAt: new Date(acquired),
    expiresAt: new Date(expires),
  }));
  return { kind: 'granted', granted, now, expired };
}
