import {
  type Answer,
  errorMessage,
  parsedMessage,
  queryMessage,
  type Request,
  readAnswer,
  readyMessage,
} from './pglite-protocol.js';

/** A client of the one backend. */
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

/** Executes a request's bytes and returns the answer's; rejects only when the database is beyond use. */
export type RunRequest = (bytes: Buffer) => Promise<Buffer>;

export interface Turns {
  /** Requests wait until then. */
  open(run: RunRequest): void;
  /** From now on everything is answered with this error. */
  fail(error: Error): void;
  join(taker: TurnTaker): void;
  ask(taker: TurnTaker, request: Request): void;
  /** Rolls back what the taker left open, before anything that it asks later. */
  settle(taker: TurnTaker): void;
  /** The taker is gone: its requests are dropped, its transaction is rolled back. */
  leave(taker: TurnTaker): void;
}

interface Place {
  requests: Request[];
  /** 'lost': the transaction was rolled back under it; every request fails until it ends the transaction itself. */
  state: 'idle' | 'open' | 'lost';
  running: boolean;
  gone: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Rollbacks of the arbiter's own; nobody hears their answer. */
const CLEAN_UP: Request = { bytes: queryMessage('ROLLBACK'), texts: [] };
const EVICT: Request = { bytes: queryMessage('ROLLBACK'), texts: [] };
const ENDS_TRANSACTION = /^\s*(rollback|abort|commit|end)\b/i;
const UNDOES_TRANSACTION = /^\s*(rollback|abort)\b/i;

/**
 * Arbiter of the one session that PGlite has. A turn lasts one request, or from BEGIN until the backend reports that no
 * transaction is open; takers are served in the order in which they asked. Nobody keeps the turn for ever: a
 * transaction left idle is rolled back.
 * @param onFatal the database died while it was working.
 */
export function createTurns(limits: TurnLimits, onFatal: (error: Error) => void): Turns {
  const places = new Map<TurnTaker, Place>();
  const waiting: TurnTaker[] = [];
  let holder: TurnTaker | null = null;
  let run: RunRequest | null = null;
  let dead: Error | null = null;
  let working = false;
  let workedMs = 0;
  let workingSince = 0;

  const worked = (): number => workedMs + (workingSince > 0 ? performance.now() - workingSince : 0);

  async function execute({ bytes, parse }: Request): Promise<Answer> {
    if (dead || !run) return broken(dead ?? new Error('it is not open'));
    workingSince = performance.now();
    try {
      const isKnown = parse?.statement.isPrepared === true;
      const answer = readAnswer(await run(isKnown ? bytes.subarray(parse.length) : bytes));
      if (answer.status === null) throw new Error('it stopped in the middle of an answer');
      if (isKnown) answer.bytes = Buffer.concat([parsedMessage(), answer.bytes]);
      else if (parse && answer.parsed) parse.statement.isPrepared = true;
      return answer;
    } catch (error) {
      dead = error instanceof Error ? error : new Error(String(error));
      onFatal(dead);
      return broken(dead);
    } finally {
      workedMs = worked();
      workingSince = 0;
    }
  }

  async function work(): Promise<void> {
    if (working || !(run || dead)) return;
    working = true;
    for (let taker = nextTaker(); taker; taker = nextTaker()) await serve(taker);
    working = false;
  }

  function nextTaker(): TurnTaker | undefined {
    if (!holder) return waiting.shift();
    return (places.get(holder)?.requests.length ?? 0) > 0 ? holder : undefined;
  }

  async function serve(taker: TurnTaker): Promise<void> {
    const place = places.get(taker);
    const request = place?.requests.shift();
    if (!place || !request) return;
    clearTimeout(place.timer);
    place.running = true;
    const wasLost = place.state === 'lost' && request !== CLEAN_UP;
    const answer = wasLost ? await answerLost(place, request) : await execute(request);
    place.running = false;
    for (const { channel, bytes } of answer.notifications)
      for (const each of places.keys()) each.notify(channel, bytes);
    if (request === EVICT) place.state = 'lost';
    else if (!wasLost) place.state = answer.status === 'I' ? 'idle' : 'open';
    holder = place.state === 'open' ? taker : null;
    if (holder === null && place.requests.length > 0) queue(taker, place);
    if (holder === taker && place.requests.length === 0) watchTransaction(taker, place);
    if (place.gone && place.requests.length === 0) places.delete(taker);
    if (!place.gone && request !== CLEAN_UP && request !== EVICT) taker.answer(answer.bytes, request, answer.failed);
  }

  function queue(taker: TurnTaker, place: Place): void {
    waiting.push(taker);
    const askedAt = performance.now();
    const workedBefore = worked();
    const check = (): void => {
      const waited = performance.now() - askedAt - (worked() - workedBefore);
      const left = (run ? limits.waitMs : limits.openingMs) - waited;
      // The work may have been done in the same tick of the event loop: only time without any counts.
      if (left > 0) place.timer = setTimeout(check, Math.max(left, 10));
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
    place.timer = setTimeout(() => {
      if (holder === taker && !place.running && place.requests.length === 0) give(taker, place, EVICT);
    }, limits.idleTransactionMs);
  }

  async function answerLost(place: Place, request: Request): Promise<Answer> {
    const ends = request.texts.some((text) => ENDS_TRANSACTION.test(text));
    if (ends) place.state = 'idle';
    if (request.texts.some((text) => UNDOES_TRANSACTION.test(text))) return await execute(request);
    const text = `the transaction was rolled back: it asked nothing for ${limits.idleTransactionMs} ms`;
    const bytes = Buffer.concat([errorMessage('25P03', text), readyMessage(ends ? 'I' : 'E')]);
    return { bytes, status: ends ? 'I' : 'E', failed: true, parsed: false, notifications: [] };
  }

  function give(taker: TurnTaker, place: Place, request: Request): void {
    place.requests.push(request);
    if (holder !== taker && !place.running && place.requests.length === 1) queue(taker, place);
    void work();
  }

  function settle(taker: TurnTaker): void {
    const place = places.get(taker);
    if (!place) return;
    if (place.running || place.requests.length > 0 || place.state !== 'idle') give(taker, place, CLEAN_UP);
  }

  return {
    open(opened) {
      run = opened;
      void work();
    },
    fail(error) {
      dead = error;
      void work();
    },
    join: (taker) =>
      void places.set(taker, { requests: [], state: 'idle', running: false, gone: false, timer: undefined }),
    ask(taker, request) {
      const place = places.get(taker);
      if (place && !place.gone) give(taker, place, request);
    },
    settle,
    leave(taker) {
      const place = places.get(taker);
      if (!place || place.gone) return;
      place.gone = true;
      place.requests.length = 0;
      const index = waiting.indexOf(taker);
      if (index >= 0) waiting.splice(index, 1);
      settle(taker);
      if (place.running || place.requests.length > 0) return;
      clearTimeout(place.timer);
      places.delete(taker);
    },
  };
}

function broken(error: Error): Answer {
  const text = `the embedded database can't be used: ${error.message}`;
  const bytes = Buffer.concat([errorMessage('57P02', text), readyMessage('I')]);
  return { bytes, status: 'I', failed: true, parsed: false, notifications: [] };
}
