import type { Actor } from '../../actor/actor.js';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import type { Signals } from '../../db/signal-types.js';
import { AppError } from '../../errors.js';
import { newId } from '../../text/ids.js';
import { type Compared, compareOverlaps, findOverlap } from './compare-overlaps.js';
import type { LockRepository } from './lock-repository.js';
import type { AcquireOutcome, AcquireRequest, EndedLock, LockConflict, PlacedPattern } from './lock-types.js';
import { type AcquireAttempt, type AttemptResult, type FoundConflict, readGrant } from './request-locks.js';
import { createQueueWaiter, type QueueWaiter } from './wait-in-queue.js';

export interface AcquireDeps {
  repository: Pick<LockRepository, 'acquire' | 'leaveQueue' | 'endDead'>;
  /** Locks of others on the same files in other worktrees. */
  findWarnings: (actor: Actor, patterns: readonly PlacedPattern[]) => Promise<LockConflict[]>;
  signals: Signals;
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
/** Between two reports of a wait, in ms. */
const REPORT_MS = 1_000;

/** Locks all patterns of a request or none, waiting in the queue for as long as the request allows. */
export async function acquireLocks(deps: AcquireDeps, actor: Actor, request: AcquireRequest): Promise<AcquireOutcome> {
  const compared: Compared = { free: [], overlapping: [] };
  const ids = request.patterns.map(() => newId('lock_'));
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  const queue = createQueueWaiter(deps.signals, actor.sessionId ?? actor.agentId);
  let waiter: string | null = null;
  let reported = 0;
  try {
    for (;;) {
      // Nobody hears the answer any more: what was granted meanwhile goes back with the position.
      if (request.signal?.aborted) throw wasCancelled();
      const left = request.waitSeconds * 1_000 - elapsed();
      const wait = left > 0;
      const describe = !wait || elapsed() >= reported + REPORT_MS;
      const result: Decided =
        takeGrant(queue, waiter) ?? (await attempt(deps, actor, request, compared, { ids, waiter, wait, describe }));
      if (result.kind === 'disconnected') throw wasDisconnected(actor.agentId);
      if (result.kind === 'granted') {
        waiter = null;
        return await describeGrant(deps, actor, request, result, ids);
      }
      waiter = result.waiter;
      const conflicts = await describeConflicts(request.patterns, result.conflicts);
      const nothing = { granted: [], newIds: [], warnings: [], task: null };
      const refused = { ...nothing, conflicts, cycle: result.cycle, now: result.now };
      const mayBeDead = result.conflicts.every((conflict) => conflict.suspected) && elapsed() < DEATH_KNOWN_MS;
      if (result.cycle || (!wait && !mayBeDead)) return refused;
      if (wait && describe) {
        reported = elapsed();
        request.onWait?.({ seconds: Math.round(reported / 1_000), conflicts });
      }
      await queue.wait(wait ? left : DEATH_KNOWN_MS, request.signal);
    }
  } finally {
    queue.close();
    if (waiter !== null) await deps.repository.leaveQueue(waiter, ids).catch(() => undefined);
  }
}

function takeGrant(queue: QueueWaiter, waiter: string | null): Decided | null {
  const granted = waiter && queue.takeGrant(waiter);
  return granted ? readGrant(granted) : null;
}

/** Asks until every candidate has been compared: the database knows paths, this side knows globs. */
async function attempt(
  { repository, lifeSeconds, onExpired }: AcquireDeps,
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
    warnings: elsewhere || isWide ? await findWarnings(actor, patterns) : [],
    cycle: false,
    now,
  };
}

async function describeConflicts(
  patterns: readonly PlacedPattern[],
  found: readonly FoundConflict[],
): Promise<LockConflict[]> {
  const described: LockConflict[] = [];
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
  return described;
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
