import { logActivitySpan } from '../../accountability/activity/log-span.js';
import type { Actor } from '../../actor/actor.js';
import { filterWithYields } from '../../async/yield-to-event-loop.js';
import type { Signals } from '../../db/signal-types.js';
import { patternCovers, patternsOverlap } from '../../globs/compare-patterns.js';
import type { Pattern } from '../../globs/pattern-types.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { acquireLocks } from './acquire-locks.js';
import { findStale, type StalePath } from './find-stale.js';
import type { LockRepository } from './lock-repository.js';
import type { AcquireOutcome, AcquireRequest, EndedLock, LockConflict } from './lock-types.js';
import { type Released, releaseOwn } from './release-own.js';

export interface LocksServiceDeps {
  repository: LockRepository;
  signals: Signals;
  telemetry: Telemetry;
  /** Life of a lock unless a call says otherwise. */
  lifeSeconds: number;
  /** A lock was granted that ends in `ms` unless it is renewed. */
  onGranted?: (projectId: string, lockId: string, ms: number) => void;
}

export type LocksService = ReturnType<typeof createLocksService>;

export function createLocksService({ repository, signals, telemetry, lifeSeconds, onGranted }: LocksServiceDeps) {
  const logSpans = createLockSpans(telemetry);
  const acquireDeps = {
    repository,
    signals,
    lifeSeconds,
    onExpired: (locks: readonly EndedLock[]) => logSpans('expire', locks),
  };

  return {
    /**
     * Locks all patterns or none. Waits in the queue, in the order of asking, for at most `waitSeconds`; a wait that
     * would close a cycle is refused (`cycle`). What the same owner holds already lives on.
     * @throws AppError `not_ready` when this agent was declared disconnected meanwhile
     */
    async acquire(actor: Actor, request: AcquireRequest): Promise<AcquireOutcome> {
      const askedAt = performance.now();
      const outcome = await acquireLocks(acquireDeps, actor, request);
      telemetry.metrics.lockWaited(performance.now() - askedAt, outcome.granted.length > 0 ? 'granted' : 'refused');
      for (const lock of outcome.granted) {
        logSpans('acquire', [{ ...lock, agentId: actor.agentId }]);
        onGranted?.(actor.projectId, lock.id, lock.expiresAt.getTime() - outcome.now.getTime());
      }
      if (outcome.granted.length > 0) logActivitySpan(telemetry, actor, 'lock_acquired');
      return outcome;
    },

    /** Releases the actor's own locks that equal a pattern or lie within it. Never touches another owner's. */
    async release(actor: Actor, patterns: readonly Pattern[]): Promise<Released> {
      const outcome = await releaseOwn(repository, actor, patterns);
      logSpans('release', outcome.released);
      if (outcome.released.length > 0) logActivitySpan(telemetry, actor, 'lock_released');
      return outcome;
    },

    /** A person takes locks from their holders, who are told why. Patterns cover, as in `release`. */
    async forceRelease(
      projectId: string,
      patterns: readonly Pattern[],
      by: string,
      reason: string,
    ): Promise<EndedLock[]> {
      const { locks } = await repository.list(projectId);
      const ids = new Set<string>();
      for (const pattern of patterns) {
        for (const { id } of await filterWithYields(locks, (lock) => patternCovers(pattern, lock))) ids.add(id);
      }
      const ended = await repository.end([...ids], 'forced', `${reason} (${by})`);
      logSpans('release', ended);
      return ended;
    },

    /** Live locks and the queue of a project. */
    list: (projectId: string) => repository.list(projectId),

    /** Who else holds something that overlaps; claims nothing. Positions in the queue don't count. */
    async findConflicts(
      actor: Pick<Actor, 'projectId' | 'agentId'> & { sessionId?: string | null },
      patterns: readonly Pattern[],
    ): Promise<{ conflicts: LockConflict[]; now: Date }> {
      const { locks, now } = await repository.list(actor.projectId);
      const conflicts: LockConflict[] = [];
      for (const lock of locks) {
        if (lock.agentId === actor.agentId) continue;
        const [requested] = await filterWithYields(patterns, (pattern) => patternsOverlap(pattern, lock), 1);
        if (!requested) continue;
        const { pattern, mode, agentId, agentName, sessionId, task, acquiredAt, expiresAt, lastActive } = lock;
        const holder = { agentId, agentName, sessionId, task, since: acquiredAt, expiresAt, lastActive };
        conflicts.push({ requested: requested.pattern, pattern, mode, ...holder, queued: false });
      }
      return { conflicts, now };
    },

    /** Paths that the agent held and lost, and that another one was granted later; see find-stale.ts. */
    findStale: (projectId: string, agentId: string, paths: readonly Pattern[]): Promise<StalePath[]> =>
      findStale(repository, projectId, agentId, paths),
  };
}

/** A span a lock: it says what happened to it, and lasts no time. */
function createLockSpans(telemetry: Telemetry) {
  return (event: 'acquire' | 'release' | 'expire', locks: readonly EndedLock[]): void => {
    for (const { id, pattern, agentId } of locks) {
      const attributes = { 'lock.id': id, 'lock.pattern': pattern, 'agent.id': agentId };
      telemetry.record(`pop_stash.lock.${event}`, attributes);
      if (event === 'acquire') telemetry.metrics.lockGranted(id);
      else telemetry.metrics.lockEnded(id, event);
    }
  };
}
