import type { Actor } from '../../actor/actor.js';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { AppError } from '../../errors.js';
import { newId } from '../../text/ids.js';
import { type Compared, compareOverlaps, findOverlap } from './compare-overlaps.js';
import { addBranches } from './find-across.js';
import type { QueueKeeper, QueueWaiter } from './keep-queue.js';
import type { LockRepository } from './lock-repository.js';
import type { AcquireOutcome, AcquireRequest, EndedLock, LockConflict, PlacedPattern } from './lock-types.js';
import { type AcquireAttempt, type AttemptResult, type FoundConflict, readGrant } from './request-locks.js';

export interface AcquireDeps {
  repository: Pick<LockRepository, 'acquire' | 'leaveQueue' | 'endDead'>;
  /** Locks of others on the same files in other worktrees. */
  findWarnings: (actor: Actor, patterns: readonly PlacedPattern[]) => Promise<LockConflict[]>;
  /** What holds these up, for those who wait and tell their clients of it; may be some seconds old. */
  findHolders: (actor: Actor, patterns: readonly PlacedPattern[]) => Promise<LockConflict[]>;
  queue: QueueKeeper;
  /** Life of a lock unless a request says otherwise. */
  lifeSeconds: number;
  /** Locks of others that an attempt found expired, and ended. */
  onExpired: (locks: readonly EndedLock[]) => void;
}

type Decided = Exclude<AttemptResult, { kind: 'undecided' | 'dead' }>;

/** A holder whose process has just died is known to be dead within this, in ms: worth a short wait of a call that would not wait. */
const DEATH_KNOWN_MS = 1_300;
/** Others may place new globs between two attempts; so often in a row means a storm. */
const MAX_COMPARISONS = 20;
/** A call that does not wait for others asks again this often until that is known, in ms. */
const DEATH_ASK_MS = 500;
/** The first report of a wait, in ms after its beginning; each later one after twice the time, up to the maximum between two. */
const REPORT_MS = 1_000;
const MAX_REPORT_MS = 10_000;

/** Locks all patterns of a request or none, waiting in the queue for as long as the request allows. */
export async function acquireLocks(deps: AcquireDeps, actor: Actor, request: AcquireRequest): Promise<AcquireOutcome> {
  const compared: Compared = { free: [], overlapping: [] };
  const ids = request.patterns.map(() => newId('lock_'));
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  const boards = [actor.projectId, ...request.patterns.map(({ board }) => board)];
  const queue = deps.queue.enter(actor.sessionId ?? actor.agentId, [...new Set(boards)]);
  let waiter: string | null = null;
  try {
    for (;;) {
      // Nobody hears the answer any more: what was granted meanwhile goes back with the position.
      if (request.signal?.aborted) throw wasCancelled();
      const left = request.waitEnds?.aborted ? 0 : request.waitSeconds * 1_000 - elapsed();
      const wait = left > 0;
      const result: Decided =
        takeGrant(queue) ?? (await attempt(deps, actor, request, compared, { ids, waiter, wait, describe: !wait }));
      if (result.kind === 'disconnected') throw wasDisconnected(actor.agentId);
      if (result.kind === 'granted') {
        waiter = null;
        return await describeGrant(deps, actor, request, result, ids);
      }
      waiter = result.waiter;
      queue.stand(waiter);
      if (wait && !result.cycle) {
        await waitInQueue(deps, actor, request, queue, left);
        continue;
      }
      const mayBeDead = result.conflicts.every((conflict) => conflict.suspected) && elapsed() < DEATH_KNOWN_MS;
      if (result.cycle || !mayBeDead) return describeRefusal(request, result);
      await queue.wait(DEATH_ASK_MS, request.signal);
    }
  } finally {
    queue.close();
    if (waiter !== null) await deps.repository.leaveQueue(waiter, ids).catch(() => undefined);
  }
}

/** Waits until there is something to do, and reports meanwhile to those who asked for it. */
async function waitInQueue(
  { findHolders }: AcquireDeps,
  actor: Actor,
  request: AcquireRequest,
  queue: QueueWaiter,
  limitMs: number,
): Promise<void> {
  const { onWait, patterns, waitSeconds, waitEnds } = request;
  const signal = waitEnds && request.signal ? AbortSignal.any([request.signal, waitEnds]) : request.signal;
  const resume = request.onQueued?.();
  const until = performance.now() + limitMs;
  const elapsed = () => waitSeconds * 1_000 - (until - performance.now());
  const untilReport = (after: number) => {
    let next = REPORT_MS;
    while (next <= after) next += Math.min(next, MAX_REPORT_MS);
    return next - after;
  };
  try {
    for (;;) {
      const left = until - performance.now();
      if (left <= 0) return;
      if (await queue.wait(onWait ? Math.min(left, untilReport(elapsed())) : left, signal)) return;
      const seconds = Math.round(elapsed() / 1_000);
      if (onWait && seconds < waitSeconds) onWait({ seconds, conflicts: await findHolders(actor, patterns) });
    }
  } finally {
    resume?.();
  }
}

function takeGrant(queue: QueueWaiter): Decided | null {
  const granted = queue.takeGrant();
  return granted === null ? null : readGrant(granted);
}

async function describeRefusal(
  request: AcquireRequest,
  { conflicts, count, cycle, now }: Extract<Decided, { kind: 'conflicts' }>,
): Promise<AcquireOutcome> {
  const nothing = { granted: [], newIds: [], warnings: [], task: null };
  const described = await describeConflicts(request.patterns, conflicts);
  return { ...nothing, conflicts: described, conflictCount: count, cycle, now };
}

/** Asks until every candidate has been compared: the database knows paths, this side knows globs. */
async function attempt(
  { repository, lifeSeconds, onExpired, queue }: AcquireDeps,
  actor: Actor,
  request: AcquireRequest,
  compared: Compared,
  state: Pick<AcquireAttempt, 'ids' | 'waiter' | 'wait' | 'describe'>,
): Promise<Decided> {
  for (let round = 0; round < MAX_COMPARISONS; round += 1) {
    const result = await repository.acquire(actor, {
      patterns: request.patterns,
      mode: request.mode,
      lifeSeconds: request.lifeSeconds ?? lifeSeconds,
      origin: request.origin,
      task: request.task ?? null,
      compared,
      keeper: queue.id,
      ...state,
    });
    onExpired(result.expired);
    if (result.kind === 'undecided') await compareOverlaps(request.patterns, result.undecided, compared);
    else if (result.kind === 'dead') await repository.endDead(result.dead);
    else return result;
  }
  throw new AppError({
    code: 'conflict',
    message: 'Many agents change their locks on globs at this moment.',
    fix: 'Call again, best with narrower patterns.',
    retryable: true,
  });
}

/** What was granted, under the names by which answers show it. */
async function describeGrant(
  { findWarnings }: Pick<AcquireDeps, 'findWarnings'>,
  actor: Actor,
  { patterns }: AcquireRequest,
  { granted, elsewhere, task, now }: Extract<Decided, { kind: 'granted' }>,
  ids: readonly string[],
): Promise<AcquireOutcome> {
  // A set in several worktrees may lie across its own parts.
  const isWide = patterns.some(({ worktree }) => worktree !== patterns[0]?.worktree);
  return {
    granted: granted.map((lock, index) => ({ ...lock, pattern: patterns[index]?.shown ?? lock.pattern })),
    newIds: granted.flatMap(({ id }) => (ids.includes(id) ? [id] : [])),
    task,
    conflicts: [],
    conflictCount: 0,
    warnings: elsewhere || isWide ? await findWarnings(actor, patterns) : [],
    cycle: false,
    now,
  };
}

async function describeConflicts(
  patterns: readonly PlacedPattern[],
  found: readonly FoundConflict[],
): Promise<LockConflict[]> {
  const described: Omit<LockConflict, 'branch'>[] = [];
  for (const {
    id: _id,
    boards,
    worktrees,
    keys,
    globs,
    denies,
    patterns: held,
    suspected: _suspected,
    ...rest
  } of found) {
    let [requested, pattern, worktree] = ['', held.join(', '), worktrees[0] ?? ''];
    for (const asked of patterns) {
      await yieldToEventLoop();
      const index = findOverlap(asked, { boards, worktrees, keys, globs, denies });
      if (index === null) continue;
      [requested, pattern, worktree] = [asked.shown, held[index] ?? '', worktrees[index] ?? ''];
      break;
    }
    described.push({ ...rest, requested, pattern, worktree });
  }
  return await addBranches(described);
}

/** No answer: its client has cancelled the call. */
function wasCancelled(): AppError {
  return new AppError({
    code: 'conflict',
    message: 'The call was cancelled; nothing was locked.',
    fix: 'Call again if you still need the files.',
  });
}

function wasDisconnected(agentId: string): AppError {
  return new AppError({
    code: 'not_ready',
    message: `${agentId} was silent for too long and was declared gone; its locks are free.`,
    fix: 'Call again: you are connected again. Acquire what you still need before you edit.',
    retryable: true,
  });
}
