import { LRUCache } from 'lru-cache';
import { logActivitySpan } from '../../accountability/activity/log-span.js';
import type { Actor } from '../../actor/actor.js';
import { filterWithYields } from '../../async/yield-to-event-loop.js';
import type { Signals } from '../../db/signal-types.js';
import { patternCovers } from '../../globs/compare-patterns.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { maskSecrets } from '../../text/mask-secrets.js';
import { acquireLocks } from './acquire-locks.js';
import { addBranches, describeLock, findMet } from './find-across.js';
import { findStale, type StalePath } from './find-stale.js';
import { createQueueKeeper } from './keep-queue.js';
import type { LockRepository } from './lock-repository.js';
import type {
  AcquireOutcome,
  AcquireRequest,
  EndedLock,
  LiveLock,
  LockConflict,
  OwnLock,
  PlacedPattern,
} from './lock-types.js';
import { endGiven, type GrantedOutcome, type Released, releaseOwn } from './release-own.js';
import { pathOf } from './request-locks.js';

export interface LocksServiceDeps {
  repository: LockRepository;
  signals: Signals;
  telemetry: Telemetry;
  /** Life of a lock unless a call says otherwise. */
  lifeSeconds: number;
  /** A lock was granted that ends in `ms` unless it is renewed. */
  onGranted?: (projectId: string, lockId: string, ms: number) => void;
}

/** What of others stands on the same files: in the way, or in other worktrees. */
export interface FoundLocks {
  conflicts: LockConflict[];
  conflictCount?: number;
  warnings: LockConflict[];
  now: Date;
}

/** Requests whose holders are remembered for those who report their wait, and for how long, in ms. */
const MAX_REPORTED = 100;
const REPORTED_MS = 10_000;

export type LocksService = ReturnType<typeof createLocksService>;

export function createLocksService({ repository, signals, telemetry, lifeSeconds, onGranted }: LocksServiceDeps) {
  const logSpans = createLockSpans(telemetry);
  const onExpired = (locks: readonly EndedLock[]) => logSpans('expire', locks);
  const acquireDeps = {
    repository,
    queue: createQueueKeeper({ repository, signals, onExpired }),
    lifeSeconds,
    onExpired,
    findHolders: createHolderReports(
      async (actor, patterns) => (await findConflicts(actor.agentId, patterns)).conflicts,
    ),
    findWarnings: async (actor: Actor, patterns: readonly PlacedPattern[]) =>
      (await findConflicts(actor.agentId, patterns)).warnings,
  };
  const addBoards = createBoardWriter(repository);

  async function findConflicts(agentId: string, patterns: readonly PlacedPattern[]): Promise<FoundLocks> {
    const boards = [...new Set(patterns.map(({ board }) => board))];
    const [{ locks, now }, denying] = await Promise.all([repository.listLive(boards), repository.listDenying(boards)]);
    const conflicts: ReturnType<typeof describeLock>[] = [];
    const warnings: ReturnType<typeof describeLock>[] = [];
    for (const lock of locks) {
      if (lock.agentId === agentId) continue;
      const here = await findMet(lock, patterns, 'here');
      const met = here ?? (await findMet(lock, patterns, 'elsewhere'));
      if (met) (here || denying.has(lock.board) ? conflicts : warnings).push(describeLock(lock, met));
    }
    return { conflicts: await addBranches(conflicts), warnings: await addBranches(warnings), now };
  }

  return {
    /**
     * Locks all patterns or none. Waits in the queue, in the order of asking, for at most `waitSeconds`; a wait that
     * would close a cycle is refused (`cycle`). What the same owner holds already lives on.
     * @throws AppError `not_ready` when this agent was declared disconnected meanwhile
     */
    async acquire(actor: Actor, request: AcquireRequest): Promise<AcquireOutcome> {
      const askedAt = performance.now();
      await addBoards(actor, request.patterns);
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
    async release(actor: Actor, patterns: readonly PlacedPattern[]): Promise<Released> {
      const outcome = await releaseOwn(repository, actor, patterns);
      logSpans('release', outcome.released);
      if (outcome.released.length > 0) logActivitySpan(telemetry, actor, 'lock_released');
      return outcome;
    },

    /** Gives back locks that a cancelled call was granted. @param sinceMs also those since then, which an earlier server granted it */
    async giveBack(actor: Actor, outcome: GrantedOutcome, sinceMs?: number): Promise<void> {
      const ended = await endGiven(repository, outcome, sinceMs);
      logSpans('release', ended);
      if (ended.length > 0) logActivitySpan(telemetry, actor, 'lock_released');
    },

    /** A person takes locks from their holders, who are told why. Patterns cover, as in `release`. */
    async forceRelease(patterns: readonly PlacedPattern[], by: string, reason: string): Promise<EndedLock[]> {
      const { locks } = await repository.listLive([...new Set(patterns.map(({ board }) => board))]);
      const ids = new Set<string>();
      for (const pattern of patterns) {
        const isMeant = (lock: LiveLock) => lock.worktree === pattern.worktree && patternCovers(pattern, lock);
        for (const { id } of await filterWithYields(locks, isMeant)) ids.add(id);
      }
      const ended = await repository.end([...ids], 'forced', maskSecrets(`${reason} (${by})`));
      logSpans('release', ended);
      return ended;
    },

    /** Live locks and the queue of a project's board, in all worktrees. */
    list: (projectId: string) => repository.list([projectId]),
    /** The same of several boards. */
    listBoards: (boards: readonly string[]) => repository.list(boards),

    /** Live locks of the actor's own, on any board. */
    listOwn: (actor: Actor): Promise<OwnLock[]> => repository.listOwn(actor),

    /** Who else holds something that overlaps; claims nothing. Queue positions don't count. @param agentId '' for nobody */
    findConflicts,

    /** Paths that the agent held and lost, and that another one was granted later; see find-stale.ts. */
    findStale: (agentId: string, paths: readonly PlacedPattern[]): Promise<StalePath[]> =>
      findStale(repository, agentId, paths),
  };
}

/** Many may wait for one path and tell their clients of it: its holders are read once for all of them. Never rejects. */
function createHolderReports(read: (actor: Actor, patterns: readonly PlacedPattern[]) => Promise<LockConflict[]>) {
  const known = new LRUCache<string, Promise<LockConflict[]>>({ max: MAX_REPORTED, ttl: REPORTED_MS });
  return (actor: Actor, patterns: readonly PlacedPattern[]): Promise<LockConflict[]> => {
    const key = JSON.stringify(patterns.map((pattern) => [pattern.board, pathOf(pattern)]));
    const found = known.get(key) ?? read(actor, patterns).catch(() => []);
    known.set(key, found, { noUpdateTTL: true });
    return found;
  };
}

/** Makes boards known once: files of other repositories than the agent's own belong to boards on which nobody may have worked. */
function createBoardWriter(repository: Pick<LockRepository, 'addBoards'>) {
  const known = new Set<string>();
  return async (actor: Actor, patterns: readonly PlacedPattern[]): Promise<void> => {
    const others = patterns.filter(({ board }) => board !== actor.projectId && !known.has(board));
    if (others.length === 0) return;
    await repository.addBoards([...new Map(others.map((pattern) => [pattern.board, pattern])).values()]);
    for (const { board } of others) known.add(board);
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
