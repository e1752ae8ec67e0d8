import { type Answer, errorMessage, queryMessage, type Request, readAnswer, readyMessage } from './pglite-protocol.js';

/** A client of the one backend: hands in requests, gets answers, may be told to forget its transaction. */
export interface TurnTaker {
  answer(bytes: Buffer, request: Request, failed: boolean): void;
  notify(channel: string, bytes: Buffer): void;
}

export interface TurnLimits {
  /** Until the database is open, a request waits this long, in ms. */
  openingMs: number;
  /** A request is refused after waiting this long, in ms, not counting time in which the database was working. */
  waitMs: number;
  /** A transaction that asks nothing for this long is rolled back, in ms. */
  idleTransactionMs: number;
}

/** Executes a request's bytes and returns the answer's; throws only when the database is beyond use. */
export type RunRequest = (bytes: Buffer) => Buffer;

export interface Turns {
  /** Requests wait until then. */
  open(run: RunRequest): void;
  /** Nothing will ever be answered but with this. */
  fail(error: Error): void;
  join(taker: TurnTaker): void;
  ask(taker: TurnTaker, request: Request): void;
  /** Rolls back what the taker left open, once the requests that it has asked are answered. */
  settle(taker: TurnTaker): void;
  /** The taker is gone: its requests are dropped, its transaction is rolled back. */
  leave(taker: TurnTaker): void;
}

interface Place {
  requests: Request[];
  /** 'lost': the transaction was rolled back under it; every request fails until it ends the transaction itself. */
  state: 'idle' | 'open' | 'lost';
  settling: boolean;
  timer: NodeJS.Timeout | undefined;
}

const TIMER_GRACE_MS = 100;
const ENDS_TRANSACTION = /^\s*(rollback|abort|commit|end)\b/i;

/**
 * Arbiter of the one session that PGlite has. A turn lasts one request, or from BEGIN until the backend reports that no
 * transaction is open; takers are served in the order in which they asked. Nobody keeps the turn for ever: a statement
 * runs synchronously to its end, and a transaction left idle is rolled back.
 * @param onFatal the database died while it was working.
 */
export function createTurns(limits: TurnLimits, onFatal: (error: Error) => void): Turns {
  const places = new Map<TurnTaker, Place>();
  const waiting: TurnTaker[] = [];
  let holder: TurnTaker | null = null;
  let scheduled = false;
  let run: RunRequest | null = null;
  let dead: Error | null = null;
  let workedMs = 0;

  function execute(bytes: Buffer): Answer {
    if (dead || !run) return broken(dead ?? new Error('it is not open'));
    const started = performance.now();
    try {
      const answer = readAnswer(run(bytes));
      if (answer.status === null) throw new Error('the embedded database stopped answering');
      return answer;
    } catch (error) {
      dead = error instanceof Error ? error : new Error(String(error));
      onFatal(dead);
      return broken(dead);
    } finally {
      workedMs += performance.now() - started;
    }
  }

  function publish(answer: Answer): void {
    for (const { channel, bytes } of answer.notifications)
      for (const taker of places.keys()) taker.notify(channel, bytes);
  }

  /** One request a tick of the event loop, so that sockets and timers are served between statements. */
  function schedule(): void {
    if (scheduled || (!run && !dead) || (holder === null && waiting.length === 0)) return;
    if (holder !== null && (places.get(holder)?.requests.length ?? 0) === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      serveNext();
      schedule();
    });
  }

  function serveNext(): void {
    const taker = holder ?? waiting.shift();
    const place = taker && places.get(taker);
    const request = place?.requests.shift();
    if (!taker || !place || !request) return;
    clearTimeout(place.timer);
    const answer = place.state === 'lost' ? answerLost(place, request) : execute(request.bytes);
    publish(answer);
    if (place.state !== 'lost') place.state = answer.status === 'I' ? 'idle' : 'open';
    holder = place.state === 'open' ? taker : null;
    if (holder === null && place.requests.length > 0) queue(taker, place);
    else if (holder !== null && place.requests.length === 0) watchTransaction(taker, place);
    taker.answer(answer.bytes, request, answer.failed);
    if (place.settling) settle(taker);
  }

  function queue(taker: TurnTaker, place: Place): void {
    waiting.push(taker);
    const askedAt = performance.now();
    const workedBefore = workedMs;
    const check = (): void => {
      const waited = performance.now() - askedAt - (workedMs - workedBefore);
      const limit = run ? limits.waitMs : limits.openingMs;
      if (waited < limit) place.timer = setTimeout(check, limit - waited + TIMER_GRACE_MS);
      else refuse(taker, place);
    };
    place.timer = setTimeout(check, limits.waitMs);
  }

  function refuse(taker: TurnTaker, place: Place): void {
    const index = waiting.indexOf(taker);
    if (index < 0) return;
    waiting.splice(index, 1);
    const error = run
      ? errorMessage('57014', `canceling statement: it waited ${limits.waitMs} ms for another client's transaction`)
      : errorMessage('57P03', 'the embedded database is still opening');
    for (const request of place.requests.splice(0)) {
      taker.answer(Buffer.concat([error, readyMessage('I')]), request, true);
    }
  }

  function watchTransaction(taker: TurnTaker, place: Place): void {
    // After a long statement the timer and the client's next request are due in the same tick: the grace lets it speak.
    const evict = (): void => {
      rollBack();
      place.state = 'lost';
      holder = null;
      schedule();
    };
    place.timer = setTimeout(() => {
      place.timer = setTimeout(() => {
        if (holder === taker && place.requests.length === 0) evict();
      }, TIMER_GRACE_MS);
    }, limits.idleTransactionMs);
  }

  function answerLost(place: Place, request: Request): Answer {
    const ends = request.texts.some((text) => ENDS_TRANSACTION.test(text));
    if (ends) place.state = 'idle';
    if (ends && request.texts.some((text) => /^\s*(rollback|abort)\b/i.test(text))) return execute(request.bytes);
    const text = `the transaction was rolled back: it asked nothing for ${limits.idleTransactionMs} ms`;
    const bytes = Buffer.concat([errorMessage('25P03', text), readyMessage(ends ? 'I' : 'E')]);
    return { bytes, status: ends ? 'I' : 'E', failed: true, notifications: [] };
  }

  function rollBack(): void {
    publish(execute(queryMessage('ROLLBACK')));
  }

  function settle(taker: TurnTaker): void {
    const place = places.get(taker);
    if (!place) return;
    place.settling = place.requests.length > 0;
    if (place.settling) return;
    clearTimeout(place.timer);
    place.state = 'idle';
    if (holder === taker) {
      rollBack();
      holder = null;
    }
    schedule();
  }

  return {
    open(opened) {
      run = opened;
      schedule();
    },
    fail(error) {
      dead = error;
      schedule();
    },
    join: (taker) => void places.set(taker, { requests: [], state: 'idle', settling: false, timer: undefined }),
    ask(taker, request) {
      const place = places.get(taker);
      if (!place) return;
      place.requests.push(request);
      if (holder !== taker && place.requests.length === 1) queue(taker, place);
      schedule();
    },
    settle,
    leave(taker) {
      const place = places.get(taker);
      if (!place) return;
      place.requests.length = 0;
      const index = waiting.indexOf(taker);
      if (index >= 0) waiting.splice(index, 1);
      settle(taker);
      places.delete(taker);
    },
  };
}

function broken(error: Error): Answer {
  const bytes = Buffer.concat([
    errorMessage('57P02', `the embedded database stopped: ${error.message}`),
    readyMessage('I'),
  ]);
  return { bytes, status: 'I', failed: true, notifications: [] };
}
