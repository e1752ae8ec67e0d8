import { createWorkClock } from '../../async/work-clock.js';
import { AppError } from '../../errors.js';

/** What limits the calls of one connection. */
export interface ConnectionSlots {
  /**
   * Carries out a call as soon as it is this connection's turn.
   * @param call.sentAt when the client may have sent it, by performance.now()
   * @param call.signal takes the call out of the line
   * @throws AppError `timeout` when that, or the work, takes too long; the work is then aborted and its outcome dropped
   */
  run<T>(call: SlotCall, work: (slot: Slot) => Promise<T>): Promise<T>;
  /** The connection is gone: what waits is dropped. */
  close(): void;
}

export interface SlotCall {
  sentAt: number;
  signal: AbortSignal;
  /** The work took too long: nobody hears its outcome. */
  onOverdue: () => void;
}

/** A call that is being carried out. */
export interface Slot {
  /**
   * It waits for a lock from now on: others may work meanwhile, and the time does not count.
   * @returns ends that
   * @throws AppError `conflict` when too many calls of this connection wait already
   */
  pause(): () => void;
}

export interface CallSlots {
  /** @param onBacklog told whether so many calls wait that no more are to be read */
  join(onBacklog: (isFull: boolean) => void): ConnectionSlots;
}

export interface CallSlotsOptions {
  /** Calls of this process at work at once. */
  maxRunning?: number;
  /** Of one connection. */
  maxRunningEach?: number;
  /** In ms, from when a call may have been sent to its answer, without the time that it waits for locks. */
  deadlineMs?: number;
}

/**
 * The embedded database runs one statement at a time, so more calls at once make none of them faster, and each one of a
 * busy client is one that others wait for. Half of the slots stay free for others.
 */
const MAX_RUNNING = 8;
const MAX_RUNNING_EACH = 4;
/** Clients give up a call after 60 s unless they are told otherwise: each has its answer before. */
const DEADLINE_MS = 45_000;
/** A call that is begun gets this long at least, in ms. */
const MIN_WORK_MS = 10_000;
/** Calls of a connection that wait for locks. */
const MAX_PAUSED = 1_000;
/** Calls of a connection that wait for their turn: from then on nothing more is read, until half of them have begun. */
const MAX_WAITING = 64;

interface Waiting {
  begin(): void;
}

interface Member {
  running: number;
  paused: number;
  line: Set<Waiting>;
  isFull: boolean;
  onBacklog: (isFull: boolean) => void;
}

/** Shares one process's work among its connections: so many calls at once, one connection after the other. */
export function createCallSlots(options: CallSlotsOptions = {}): CallSlots {
  const { maxRunning = MAX_RUNNING, maxRunningEach = MAX_RUNNING_EACH, deadlineMs = DEADLINE_MS } = options;
  /** Connections with calls that wait, the one whose turn is next first. */
  const turns = new Set<Member>();
  let running = 0;

  function startNext(): void {
    while (running < maxRunning) {
      const member = [...turns].find((one) => one.running < maxRunningEach);
      const [next] = member?.line ?? [];
      if (!member || !next) return;
      member.line.delete(next);
      turns.delete(member);
      if (member.line.size > 0) turns.add(member);
      running += 1;
      member.running += 1;
      reportBacklog(member);
      next.begin();
    }
  }

  function giveBack(member: Member): void {
    running -= 1;
    member.running -= 1;
    startNext();
  }

  function leaveLine(member: Member, waiting: Waiting): void {
    member.line.delete(waiting);
    if (member.line.size === 0) turns.delete(member);
    reportBacklog(member);
  }

  /** Resolves when the call may begin. */
  function awaitTurn(member: Member, { sentAt, signal }: SlotCall): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (error: AppError) => {
        leaveLine(member, waiting);
        settle();
        reject(error);
      };
      const onAbort = () => stop(wasCancelled());
      const timer = setTimeout(
        () => stop(wasTooLate(deadlineMs)),
        Math.max(sentAt + deadlineMs - performance.now(), 0),
      );
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const waiting: Waiting = {
        begin() {
          settle();
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      member.line.add(waiting);
      turns.add(member);
      reportBacklog(member);
      startNext();
    });
  }

  /** Takes a slot at once where one is free and nobody waits, as is usual. */
  function takeFree(member: Member): boolean {
    if (turns.size > 0 || running >= maxRunning || member.running >= maxRunningEach) return false;
    running += 1;
    member.running += 1;
    return true;
  }

  async function run<T>(member: Member, call: SlotCall, work: (slot: Slot) => Promise<T>): Promise<T> {
    if (call.signal.aborted) throw wasCancelled();
    if (performance.now() >= call.sentAt + deadlineMs) throw wasTooLate(deadlineMs);
    if (!takeFree(member)) await awaitTurn(member, call);
    return await workInSlot(member, call, () => giveBack(member), deadlineMs, work);
  }

  return {
    join(onBacklog) {
      const member: Member = { running: 0, paused: 0, line: new Set(), isFull: false, onBacklog };
      return {
        run: (call, work) => run(member, call, work),
        close() {
          turns.delete(member);
          member.line.clear();
        },
      };
    },
  };
}

/** Carries out a call that has a slot. @param giveBack the slot, once */
async function workInSlot<T>(
  member: Member,
  call: SlotCall,
  giveBack: () => void,
  deadlineMs: number,
  work: (slot: Slot) => Promise<T>,
): Promise<T> {
  let isHeld = true;
  const release = () => {
    if (isHeld) giveBack();
    isHeld = false;
  };
  const left = Math.max(call.sentAt + deadlineMs - performance.now(), MIN_WORK_MS);
  // Timers of one length cost less together than each of its own.
  const clock = createWorkClock(left > MIN_WORK_MS ? Math.ceil(left / 1_000) * 1_000 : left);
  try {
    const working = work({ pause: () => pauseCall(member, release, clock.pause) });
    working.catch(() => undefined);
    return await Promise.race([working, clock.expired]);
  } catch (error) {
    if (clock.isOver()) call.onOverdue();
    throw error;
  } finally {
    clock.stop();
    release();
  }
}

function pauseCall(member: Member, release: () => void, pauseClock: () => () => void): () => void {
  if (member.paused >= MAX_PAUSED) throw tooManyWait();
  member.paused += 1;
  release();
  const resume = pauseClock();
  return () => {
    member.paused -= 1;
    resume();
  };
}

function reportBacklog(member: Member): void {
  const isFull = member.line.size >= (member.isFull ? MAX_WAITING / 2 : MAX_WAITING);
  if (isFull === member.isFull) return;
  member.isFull = isFull;
  member.onBacklog(isFull);
}

/** No answer: its client has cancelled the call. */
function wasCancelled(): AppError {
  return new AppError({
    code: 'conflict',
    message: 'The call was cancelled before it began.',
    fix: 'Call again if you still need it.',
  });
}

function wasTooLate(deadlineMs: number): AppError {
  return new AppError({
    code: 'timeout',
    message: `This client had too many calls in flight: this one waited ${deadlineMs / 1_000} s and was not carried out.`,
    fix: 'Call again, with fewer calls at once.',
    retryable: true,
  });
}

function tooManyWait(): AppError {
  return new AppError({
    code: 'conflict',
    message: `${MAX_PAUSED} calls of this client wait for locks already.`,
    fix: 'Wait for the answers of some, or call with wait_seconds 0.',
    retryable: true,
  });
}
