import { logActivitySpan } from '../../accountability/activity/log-span.js';
import type { Actor } from '../../actor/actor.js';
import { filterInTurns, yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import type { Signals } from '../../db/signal-types.js';
import { AppError } from '../../errors.js';
import { patternCovers, patternMatches, patternsOverlap } from '../../globs/compare-patterns.js';
import type { Pattern } from '../../globs/pattern-types.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { newId } from '../../text/ids.js';
import { findOverlap, type Judgements, judgeOverlaps } from './judge-overlaps.js';
import {
  type AcquireAttempt,
  type AttemptResult,
  type FoundConflict,
  type LockRepository,
  type PastLock,
  readGrant,
} from './lock-repository.js';
import type { AcquireOutcome, AcquireRequest, EndedLock, LockConflict } from './lock-types.js';
import { createTurnWaiter } from './wait-for-turn.js';

export interface LocksServiceDeps {
  repository: LockRepository;
  signals: Signals;
  telemetry: Telemetry;
  /** Life of a lock unless a call says otherwise. */
  lifeSeconds: number;
  /** A lock was granted that ends in `ms` unless it is renewed. */
  onGranted?: (projectId: string, lockId: string, ms: number) => void;
}

type Attempted = Exclude<AttemptResult, { kind: 'unjudged' }>;

export type LocksService = ReturnType<typeof createLocksService>;

/** A holder whose process has just died is known to be gone within this, in ms: worth a short wait of a call that would not wait. */
const DEATH_KNOWN_MS = 1_300;
/** Others may place new globs between two looks; so often in a row means a storm. */
const MAX_JUDGING_ROUNDS = 20;

export function createLocksService(deps: LocksServiceDeps) {
  const { repository, signals, telemetry } = deps;

  /** Asks until every candidate has been compared: the database knows paths, this side knows globs. */
  async function attempt(
    actor: Actor,
    request: AcquireRequest,
    judged: Judgements,
    turn: Pick<AcquireAttempt, 'ids' | 'waiter' | 'wait' | 'describe'>,
  ): Promise<Attempted> {
    for (let round = 0; round < MAX_JUDGING_ROUNDS; round += 1) {
      const result = await repository.acquire(actor, {
        patterns: request.patterns,
        mode: request.mode,
        lifeSeconds: request.lifeSeconds ?? deps.lifeSeconds,
        origin: request.origin,
        task: request.task ?? null,
        free: judged.free,
        overlapping: judged.overlapping,
        ...turn,
      });
      await logExpired(result.expired);
      if (result.kind !== 'unjudged') return result;
      await judgeOverlaps(request.patterns, result.unjudged, judged);
    }
    throw new AppError({
      code: 'conflict',
      message: 'Many agents change their locks on globs at this moment.',
      fix: 'Call again, best with narrower patterns.',
      retryable: true,
    });
  }

  async function acquire(actor: Actor, request: AcquireRequest): Promise<AcquireOutcome> {
    const judged: Judgements = { free: [], overlapping: [] };
    const ids = request.patterns.map(() => newId('lock_'));
    const started = performance.now();
    const elapsed = () => performance.now() - started;
    const limit = request.waitSeconds * 1_000;
    const turns = createTurnWaiter(signals, actor.sessionId ?? actor.agentId);
    let waiter: string | null = null;
    let told = 0;
    try {
      for (;;) {
        const left = limit - elapsed();
        const wait = left > 0 && !request.signal?.aborted;
        const granted: string | null = waiter && turns.takeGrant(waiter);
        const tells = !wait || elapsed() >= told + 1_000;
        const result: Attempted =
          (granted && readGrant(granted)) ||
          (await attempt(actor, request, judged, { ids, waiter, wait, describe: tells }));
        if (result.kind === 'disconnected') throw wasDisconnected(actor.agentId);
        if (result.kind === 'granted') {
          waiter = null;
          return { granted: result.granted, conflicts: [], cycle: false, now: result.now };
        }
        waiter = result.waiter;
        const conflicts = await describeConflicts(request.patterns, result.conflicts);
        const mayBeDead = result.conflicts.every((conflict) => conflict.suspected) && elapsed() < DEATH_KNOWN_MS;
        if (result.cycle || (!wait && !mayBeDead)) {
          return { granted: [], conflicts, cycle: result.cycle, now: result.now };
        }
        if (wait && tells) {
          told = elapsed();
          request.onWait?.({ seconds: Math.round(told / 1_000), conflicts });
        }
        await turns.wait(wait ? left : DEATH_KNOWN_MS, request.signal);
        // Nobody hears the answer any more: whatever was granted meanwhile goes back with the place.
        if (request.signal?.aborted) return { granted: [], conflicts, cycle: false, now: result.now };
      }
    } finally {
      turns.close();
      if (waiter !== null) await repository.leaveQueue(waiter, ids).catch(() => undefined);
    }
  }

  async function logExpired(expired: readonly EndedLock[]): Promise<void> {
    for (const lock of expired) await logLockSpan('expire', lock);
  }

  function logLockSpan(event: 'acquire' | 'release' | 'expire', lock: EndedLock): Promise<void> {
    return telemetry.withSpan(
      `pop_stash.lock.${event}`,
      { 'lock.id': lock.id, 'lock.pattern': lock.pattern, 'agent.id': lock.agentId },
      async () => undefined,
    );
  }

  return {
    /**
     * Locks all patterns or none. Waits in the queue, in the order of asking, for at most `waitSeconds`; a wait that
     * would close a circle is refused (`cycle`). What the same owner holds already lives on.
     * @throws AppError `not_ready` when this agent was declared gone meanwhile
     */
    async acquire(actor: Actor, request: AcquireRequest): Promise<AcquireOutcome> {
      const outcome = await acquire(actor, request);
      for (const lock of outcome.granted) {
        await logLockSpan('acquire', { ...lock, agentId: actor.agentId });
        deps.onGranted?.(actor.projectId, lock.id, lock.expiresAt.getTime() - outcome.now.getTime());
      }
      if (outcome.granted.length > 0) await logActivitySpan(telemetry, actor, 'lock_acquired');
      return outcome;
    },

    /** Releases the actor's own locks that equal a pattern or lie within it. Never touches another owner's. */
    async release(actor: Actor, patterns: readonly Pattern[]): Promise<{ released: EndedLock[]; notHeld: string[] }> {
      let released: EndedLock[];
      let notHeld: string[];
      if (patterns.every((pattern) => !pattern.isGlob)) {
        const ended = await repository.releasePaths(
          actor,
          patterns.map((pattern) => pattern.key),
        );
        released = ended;
        notHeld = patterns.filter(({ key }) => !ended.some((lock) => lock.key === key)).map(({ pattern }) => pattern);
      } else {
        const own = await repository.listOwn(actor);
        const ids = new Set<string>();
        notHeld = [];
        const keys = new Set(patterns.map(({ key }) => key));
        for (const lock of own) if (keys.has(lock.key)) ids.add(lock.id);
        for (const pattern of patterns) {
          const covers = (lock: { key: string; isGlob: boolean }) => patternCovers(pattern, lock);
          const others = own.filter(({ id }) => !ids.has(id));
          const covered = await filterInTurns(others, covers);
          for (const { id } of covered) ids.add(id);
          const isHeld = covered.length > 0 || own.some(({ key }) => key === pattern.key);
          if (!isHeld && (await filterInTurns(own, covers, 1)).length === 0) notHeld.push(pattern.pattern);
        }
        released = await repository.end([...ids], 'released', null);
      }
      for (const lock of released) await logLockSpan('release', lock);
      if (released.length > 0) await logActivitySpan(telemetry, actor, 'lock_released');
      return { released: released.map(({ id, pattern, agentId }) => ({ id, pattern, agentId })), notHeld };
    },

    /** A person takes locks from whoever holds them; their holders are told why. Patterns cover, as in `release`. */
    async forceRelease(
      projectId: string,
      patterns: readonly Pattern[],
      by: string,
      reason: string,
    ): Promise<EndedLock[]> {
      const { locks } = await repository.list(projectId);
      const ids = new Set<string>();
      for (const pattern of patterns) {
        for (const { id } of await filterInTurns(locks, (lock) => patternCovers(pattern, lock))) ids.add(id);
      }
      const ended = await repository.end([...ids], 'forced', `${reason} (${by})`);
      for (const lock of ended) await logLockSpan('release', lock);
      return ended;
    },

    /** Live locks and the queue of a project. */
    list: (projectId: string) => repository.list(projectId),

    /** Who else holds something that overlaps; claims nothing. Places in the queue don't count. */
    async findConflicts(
      actor: Pick<Actor, 'projectId' | 'agentId'> & { sessionId?: string | null },
      patterns: readonly Pattern[],
    ): Promise<{ conflicts: LockConflict[]; now: Date }> {
      const { locks, now } = await repository.list(actor.projectId);
      const conflicts: LockConflict[] = [];
      for (const lock of locks) {
        if (lock.agentId === actor.agentId) continue;
        const [requested] = await filterInTurns(patterns, (pattern) => patternsOverlap(pattern, lock), 1);
        if (!requested) continue;
        const { pattern, mode, agentId, agentName, sessionId, task, acquiredAt, expiresAt, lastActive } = lock;
        const holder = { agentId, agentName, sessionId, task, since: acquiredAt, expiresAt, lastActive };
        conflicts.push({ requested: requested.pattern, pattern, mode, ...holder, queued: false });
      }
      return { conflicts, now };
    },

    /**
     * Which of these paths the agent held, lost (to the clock or to a person) and did not get back, while another agent
     * was granted them later: what it does there is stale.
     */
    async findStale(
      projectId: string,
      agentId: string,
      paths: readonly Pattern[],
    ): Promise<{ path: string; token: number; laterToken: number; agentId: string; agentName: string }[]> {
      const findLost = createNewestFinder(await repository.listLost(projectId, agentId));
      const stale = paths.flatMap((path) => {
        const last = findLost(path);
        return last ? [{ path, token: last.token }] : [];
      });
      if (stale.length === 0) return [];
      const since = Math.min(...stale.map(({ token }) => token));
      const keys = stale.map(({ path }) => path.key);
      const findGranted = createNewestFinder(await repository.listGrantedAfter(projectId, agentId, since, keys));
      return stale.flatMap(({ path, token }) => {
        const later = findGranted(path);
        if (!later || later.token <= token) return [];
        const { agentId: holder, agentName } = later;
        return [{ path: path.pattern, token, laterToken: later.token, agentId: holder, agentName }];
      });
    },
  };
}

/** Finds the lock with the highest token among those that match a path. */
function createNewestFinder<Lock extends PastLock>(locks: readonly Lock[]): (path: Pattern) => Lock | undefined {
  const globs = locks.filter((lock) => lock.isGlob);
  const byPath = new Map<string, Lock>();
  for (const lock of locks) {
    if (!lock.isGlob && lock.token >= (byPath.get(lock.key)?.token ?? 0)) byPath.set(lock.key, lock);
  }
  return (path) =>
    globs
      .filter((lock) => patternMatches(lock, path.key))
      .reduce((last, lock) => (last && last.token > lock.token ? last : lock), byPath.get(path.key));
}

async function describeConflicts(
  patterns: readonly Pattern[],
  found: readonly FoundConflict[],
): Promise<LockConflict[]> {
  const described: LockConflict[] = [];
  for (const { id: _id, keys, globs, patterns: held, suspected: _suspected, ...rest } of found) {
    let [requested, pattern] = ['', held.join(', ')];
    for (const asked of patterns) {
      await yieldToEventLoop();
      const index = findOverlap(asked, { keys, globs });
      if (index === null) continue;
      [requested, pattern] = [asked.pattern, held[index] ?? ''];
      break;
    }
    described.push({ ...rest, requested, pattern });
  }
  return described;
}

function wasDisconnected(agentId: string): AppError {
  return new AppError({
    code: 'not_ready',
    message: `${agentId} was silent for too long and was declared gone; its locks are free.`,
    fix: 'Call again: you are connected anew. Acquire what you still need before you edit.',
    retryable: true,
  });
}
