import { LRUCache } from 'lru-cache';
import { createWakeablePause, type WakeablePause } from '../../async/wakeable-pause.js';
import type { Signals } from '../../db/signal-types.js';
import type { Logger } from '../../logger.js';
import { newId } from '../../text/ids.js';
import type { LockRepository } from './lock-repository.js';
import type { EndedLock } from './lock-types.js';

export interface QueueKeeperDeps {
  repository: Pick<LockRepository, 'keepQueue' | 'expire' | 'endDead'>;
  signals: Signals;
  /** Locks that were found expired, and ended. */
  onExpired: (locks: readonly EndedLock[]) => void;
  logger?: Logger | undefined;
}

/** The queue positions of one process's agents. */
export interface QueueKeeper {
  /** Names this process to the database, which takes its positions for abandoned when they are not renewed. */
  id: string;
  /** @param owner of the locks that are asked for @param boards that these are on */
  enter(owner: string, boards: readonly string[]): QueueWaiter;
}

/** One call that waits. */
export interface QueueWaiter {
  /** The position that the last attempt got; null for none. */
  stand(position: string | null): void;
  /**
   * Resolves when the position was granted, when it is time to ask again, or when the wait is over.
   * @param limitMs at most this long
   * @returns whether there is something to do before the limit
   */
  wait(limitMs: number, signal: AbortSignal | undefined): Promise<boolean>;
  /** What was granted to the position, as the database told it; null when nothing was, as far as is known. */
  takeGrant(): string | null;
  close(): void;
}

/** Between two rounds of a process with waiting calls, in ms. A grant needs a renewal of the last two seconds (grant_next.sql). */
const ROUND_MS = 500;
/** Every so many rounds each position is looked at: a signal may be lost. */
const ROUNDS_TO_LOOK = 10;
/** Grants that are heard before the answer that names their position, and how long they are kept, in ms. */
const MAX_EARLY = 1_000;
const EARLY_MS = 30_000;

interface Waiting {
  owner: string;
  boards: readonly string[];
  position: string | null;
  grant: string | null;
  isCalled: boolean;
  pause: WakeablePause;
}

/**
 * Waits for many calls at once: one listener for all signals, and one statement a round that renews all positions and
 * looks for what no signal tells of (locks that end by the clock or with a process, lost signals). What the calls of a
 * process cost while they wait does not grow with their number.
 */
export function createQueueKeeper({ repository, signals, onExpired, logger }: QueueKeeperDeps): QueueKeeper {
  const id = newId('keeper_');
  const waiting = new Set<Waiting>();
  const standing = new Map<string, Waiting>();
  const early = new LRUCache<string, string>({ max: MAX_EARLY, ttl: EARLY_MS });
  const rounds = createRounds(round, logger);
  let offs: (() => void)[] = [];

  function call(one: Waiting): void {
    one.isCalled = true;
    one.pause.wake();
  }

  /** @param rest `OWNER:POSITION:JSON`; no id has a colon */
  function hearGrant(rest: string): void {
    const [owner = '', position = ''] = rest.split(':', 2);
    const grant = rest.slice(owner.length + position.length + 2);
    const one = standing.get(position);
    if (!one) return void early.set(position, grant);
    one.grant = grant;
    call(one);
  }

  function callOwner(owner: string): void {
    for (const one of waiting) if (one.owner === owner) call(one);
  }

  function listen(): void {
    offs = [
      signals.onPrefix('granted:', hearGrant),
      signals.onPrefix('retry:', callOwner),
      // Called on every new connection for signals: some may have been missed.
      signals.on(`queue:${id}`, rounds.look),
    ];
  }

  async function round(isLook: boolean): Promise<boolean> {
    if (standing.size === 0) return false;
    const boards = [...new Set([...standing.values()].flatMap((one) => one.boards))];
    const found = await repository.keepQueue(id, boards, isLook ? [...standing.keys()] : []);
    for (const board of found.due) onExpired(await repository.expire(board));
    if (found.dead.length > 0) await repository.endDead(found.dead);
    for (const position of found.retry) {
      const one = standing.get(position);
      if (one) call(one);
    }
    if (found.lapsed && !isLook) rounds.look();
    return true;
  }

  function stand(one: Waiting, position: string | null): void {
    if (one.position === position) return;
    if (one.position !== null) standing.delete(one.position);
    one.position = position;
    one.grant = null;
    if (position === null) return;
    standing.set(position, one);
    one.grant = early.get(position) ?? null;
    early.delete(position);
    rounds.start();
  }

  return {
    id,
    enter(owner, boards) {
      const one: Waiting = {
        ...{ owner, boards, position: null, grant: null, isCalled: false },
        pause: createWakeablePause(),
      };
      waiting.add(one);
      if (waiting.size === 1) listen();
      return {
        stand: (position) => stand(one, position),
        async wait(limitMs, signal) {
          if (!one.isCalled && one.grant === null && !signal?.aborted) {
            signal?.addEventListener('abort', one.pause.wake, { once: true });
            await one.pause.wait(Math.max(limitMs, 1));
            signal?.removeEventListener('abort', one.pause.wake);
          }
          const { isCalled } = one;
          one.isCalled = false;
          return isCalled || one.grant !== null || (signal?.aborted ?? false);
        },
        takeGrant: () => one.grant,
        close() {
          stand(one, null);
          waiting.delete(one);
          if (waiting.size > 0) return;
          for (const off of offs.splice(0)) off();
        },
      };
    },
  };
}

/** @param round returns false when there is nothing to keep: then it is not called again before the next `start` */
function createRounds(round: (isLook: boolean) => Promise<boolean>, logger: Logger | undefined) {
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let left = ROUNDS_TO_LOOK;

  async function run(): Promise<void> {
    timer = undefined;
    if (isRunning) return;
    isRunning = true;
    left -= 1;
    const isLook = left <= 0;
    if (isLook) left = ROUNDS_TO_LOOK;
    const goesOn = await round(isLook).catch((error: unknown) => {
      logger?.debug({ err: error }, 'the queue was not kept in this round');
      return true;
    });
    isRunning = false;
    if (goesOn) schedule(left <= 0 ? 0 : ROUND_MS);
  }

  function schedule(ms: number): void {
    timer ??= setTimeout(() => void run(), ms).unref();
  }

  return {
    start: () => (isRunning ? undefined : schedule(ROUND_MS)),
    /** Looks at each position in the next round, at once. */
    look(): void {
      left = 0;
      clearTimeout(timer);
      timer = undefined;
      if (!isRunning) schedule(0);
    },
  };
}
