import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import type { AgentFacts } from '../../text/word-agent.js';
import { atWork } from '../names/read-agents.js';
import type { Compared, Undecided } from './compare-overlaps.js';
import { listAncestors } from './list-ancestors.js';
import type {
  BegunTask,
  EndedLock,
  GrantedLock,
  LockConflict,
  LockMode,
  LockOrigin,
  PlacedPattern,
} from './lock-types.js';

export interface AcquireAttempt {
  /** Ids for new locks, one for each pattern. */
  ids: readonly string[];
  patterns: readonly PlacedPattern[];
  mode: LockMode;
  lifeSeconds: number;
  origin: LockOrigin;
  task: string | null;
  compared: Compared;
  /** The position in the queue that an earlier attempt got. */
  waiter: string | null;
  /** The process that renews that position. */
  keeper: string;
  wait: boolean;
  /** Conflicts are told with all that a person asks about them; otherwise only that there are some. */
  describe: boolean;
}

export interface FoundConflict extends Undecided, Omit<LockConflict, 'requested' | 'pattern' | 'worktree' | 'branch'> {
  patterns: string[];
  /** The holder's process may be dead: another attempt within some seconds will know. */
  suspected: boolean;
}

export type AttemptResult = {
  expired: EndedLock[];
} /** `elsewhere`: others hold something near by in other worktrees. */ & (
  | { kind: 'granted'; granted: GrantedLock[]; elsewhere: boolean; task: BegunTask | null; now: Date }
  | { kind: 'undecided'; undecided: Undecided[] }
  /** `conflicts`: those that are there longest; `count`: all. */
  | { kind: 'conflicts'; conflicts: FoundConflict[]; count: number; waiter: string | null; cycle: boolean; now: Date }
  /** The processes of these agents are dead: they are to be ended before the request is made again. */
  | { kind: 'dead'; dead: string[] }
  /** The agent was declared disconnected; it has to connect again. */
  | { kind: 'disconnected' }
);

/** The fields of the type lock_request, in its order. */
const REQUEST = 'ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)::lock_request';

/** One attempt, one transaction: grants everything or nothing (prisma/functions/acquire_locks.sql). */
export async function requestLocks(pool: Pool, actor: Actor, attempt: AcquireAttempt): Promise<AttemptResult> {
  const { patterns, compared } = attempt;
  const { ancestorKeys, prefixes } = listAncestors(patterns);
  const { rows } = await pool.query<{ result: RawResult }>({
    name: 'lock_acquire',
    text: `SELECT acquire_locks(${REQUEST}, $18, $19, $20, $21, $22, $23) AS result`,
    values: [
      actor.projectId,
      actor.agentId,
      actor.sessionId,
      attempt.task,
      attempt.ids,
      patterns.map((pattern) => pattern.board),
      patterns.map((pattern) => pattern.worktree),
      patterns.map((pattern) => pattern.pattern),
      patterns.map((pattern) => pattern.key),
      patterns.map(pathOf),
      patterns.map((pattern) => pattern.literalPrefix),
      patterns.map((pattern) => pattern.isGlob),
      ancestorKeys,
      prefixes,
      attempt.mode,
      attempt.lifeSeconds,
      attempt.origin,
      compared.free,
      compared.overlapping,
      attempt.waiter,
      attempt.keeper,
      attempt.wait,
      attempt.describe,
    ],
  });
  return await readResult(rows[0]?.result ?? {});
}

/** What a literal is found by: its worktree and key in one. */
export function pathOf({ worktree, key }: Pick<PlacedPattern, 'worktree' | 'key'>): string {
  return `${worktree}/${key}`;
}

/** What a position in the queue was granted, from the signal that tells of it. */
export function readGrant(json: string): Extract<AttemptResult, { kind: 'granted' }> | null {
  const result: RawResult = JSON.parse(json);
  return result.granted ? readGranted(result) : null;
}

interface RawResult {
  granted?: { id: string; pattern: string; mode: LockMode; token: number; acquired: string; expires: string }[];
  elsewhere?: boolean;
  task?: BegunTask;
  undecided?: Undecided[];
  dead?: string[];
  conflicts?: (Undecided & {
    patterns: string[];
    mode: LockMode;
    agent: string;
    holder: AgentFacts;
    session: string | null;
    task: string | null;
    since: string;
    expires: string;
    active: string;
    suspected: boolean;
    queued: boolean;
  })[];
  count?: number;
  expired?: { id: string; pattern: string; agent: string }[];
  waiter?: string | null;
  cycle?: boolean;
  disconnected?: boolean;
  now?: string;
}

async function readResult(raw: RawResult): Promise<AttemptResult> {
  const expired = readExpired(raw);
  if (raw.disconnected) return { kind: 'disconnected', expired };
  if (raw.dead) return { kind: 'dead', dead: raw.dead, expired };
  if (raw.undecided) return { kind: 'undecided', undecided: raw.undecided, expired };
  if (raw.conflicts) {
    const conflicts = await Promise.all(
      raw.conflicts.map(async ({ agent, holder, session, since, expires, active, ...rest }) => ({
        ...rest,
        agentId: agent,
        holder: await atWork(holder, rest.task),
        sessionId: session,
        since: new Date(since),
        expiresAt: new Date(expires),
        lastActive: new Date(active),
      })),
    );
    const { count = conflicts.length, waiter = null, cycle = false } = raw;
    return { kind: 'conflicts', conflicts, count, waiter, cycle, now: readNow(raw), expired };
  }
  return readGranted(raw);
}

function readGranted(raw: RawResult): Extract<AttemptResult, { kind: 'granted' }> {
  const granted = (raw.granted ?? []).map(({ acquired, expires, ...rest }) => ({
    ...rest,
    acquiredAt: new Date(acquired),
    expiresAt: new Date(expires),
  }));
  const { elsewhere = false, task = null } = raw;
  return { kind: 'granted', granted, elsewhere, task, now: readNow(raw), expired: readExpired(raw) };
}

function readNow({ now }: RawResult): Date {
  return new Date(now ?? Date.now());
}

function readExpired({ expired = [] }: RawResult): EndedLock[] {
  return expired.map(({ id, pattern, agent }) => ({ id, pattern, agentId: agent }));
}
