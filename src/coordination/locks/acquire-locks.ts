import type { Actor } from '../../actor/actor.js';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import type { Signals } from '../../db/signal-types.js';
import { AppError } from '../../errors.js';
import type { Pattern } from '../../globs/pattern-types.js';
import { newId } from '../../text/ids.js';
import { type Compared, compareOverlaps, findOverlap } from './compare-overlaps.js';
import type { LockRepository } from './lock-repository.js';
import type { AcquireOutcome, AcquireRequest, EndedLock, LockConflict } from './lock-types.js';
import { type AcquireAttempt, type AttemptResult, type FoundConflict, readGrant } from './request-locks.js';
import { createQueueWaiter, type QueueWaiter } from './wait-in-queue.js';

export interface AcquireDeps {
  repository: Pick<LockRepository, 'acquire' | 'leaveQueue'>;
  signals: Signals;
  /** Life of a lock unless a request says otherwise. */
  lifeSeconds: number;
  /** Locks of others that an attempt found expired, and ended. */
  onExpired: (locks: readonly EndedLock[]) => void;
}

type Decided = Exclude<AttemptResult, { kind: 'undecided' }>;

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
      const left = request.waitSeconds * 1_000 - elapsed();
      const wait = left > 0 && !request.signal?.aborted;
      const describe = !wait || elapsed() >= reported + REPORT_MS;
      const result: Decided =
        takeGrant(queue, waiter) ?? (await attempt(deps, actor, request, compared, { ids, waiter, wait, describe }));
      if (result.kind === 'disconnected') throw wasDisconnected(actor.agentId);
      if (result.kind === 'granted') {
        waiter = null;
        return { granted: result.granted, conflicts: [], cycle: false, now: result.now };
      }
      waiter = result.waiter;
      const conflicts = await describeConflicts(request.patterns, result.conflicts);
      const refused = { granted: [], conflicts, cycle: result.cycle, now: result.now };
      const mayBeDead = result.conflicts.every((conflict) => conflict.suspected) && elapsed() < DEATH_KNOWN_MS;
      if (result.cycle || (!wait && !mayBeDead)) return refused;
      if (wait && describe) {
        reported = elapsed();
        request.onWait?.({ seconds: Math.round(reported / 1_000), conflicts });
      }
      await queue.wait(wait ? left : DEATH_KNOWN_MS, request.signal);
      // Nobody hears the answer any more: what was granted meanwhile goes back with the position.
      if (request.signal?.aborted) return refused;
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
    if (result.kind !== 'undecided') return result;
    await compareOverlaps(request.patterns, result.undecided, compared);
  }
  throw new AppError({
    code: 'conflict',
    message: 'Many agents change their locks on globs at this moment.',
    fix: 'Call again, best with narrower patterns.',
    retryable: true,
  });
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
    fix: 'Call again: you are connected again. Acquire what you still need before you edit.',
    retryable: true,
  });
}
