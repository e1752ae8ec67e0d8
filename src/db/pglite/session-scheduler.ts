import {
  type Answer,
  errorMessage,
  queryMessage,
  type Request,
  readyMessage,
  type TransactionStatus,
} from './pglite-protocol.js';
import { answerBusy, createSessionRunner, type RunRequest, type SessionRunner } from './session-runner.js';
import { createStatementLimit, type StatementLimit } from './statement-limit.js';
import { createWaitingLine } from './waiting-line.js';

/** `patient`: its statements may take long. `background`: nobody waits for it, and calls go before it. */
export type ClientKind = 'call' | 'patient' | 'background';

/** One of the clients that share the session. */
export interface SessionClient {
  answer(bytes: Buffer, request: Request, failed: boolean): void;
  notify(channel: string, bytes: Buffer): void;
}

export interface SessionLimits {
  /** Until the database is open, a request waits this long, in ms. */
  openingMs: number;
  /** A request is refused after waiting this long, in ms, not counting time in which the database was working. */
  waitMs: number;
  /** So long calls go before a job, in ms. */
  yieldsMs: number;
  /** A transaction that asks nothing for this long is rolled back, in ms. */
  idleTransactionMs: number;
  /** A statement that runs for longer, in ms, is answered with an error, and so are those that wait for it. */
  statementMs: number;
  /** A statement that runs for so long, in ms, ends the database. */
  stuckMs: number;
}

export interface SessionScheduler {
  /** Requests wait until then. */
  open(run: RunRequest): void;
  /** From now on everything is answered with this error. */
  fail(error: Error): void;
  join(client: SessionClient, kind: ClientKind): void;
  submit(client: SessionClient, request: Request): void;
  /** Rolls back what the client left open, before anything that it asks later. */
  rollBack(client: SessionClient): void;
  /** The client is gone: its requests are dropped, its transaction is rolled back. */
  leave(client: SessionClient): void;
}

interface Entry {
  kind: ClientKind;
  requests: Request[];
  /**
   * Of its transaction. 'lost': it was rolled back while it was idle; every request fails until the client ends the
   * transaction itself.
   */
  transaction: 'none' | 'open' | 'lost';
  running: boolean;
  gone: boolean;
  idleTimer: NodeJS.Timeout | undefined;
  limit: StatementLimit;
}

/** Rollbacks of the scheduler's own; no client gets their answer. */
const CLEAN_UP: Request = { bytes: queryMessage('ROLLBACK'), texts: [] };
const EVICT: Request = { bytes: queryMessage('ROLLBACK'), texts: [] };
const ENDS_TRANSACTION = /^\s*(rollback|abort|commit|end)\b/i;
const UNDOES_TRANSACTION = /^\s*(rollback|abort)\b/i;

/**
 * Schedules the requests of many clients in the one session that PGlite has. The session is a client's for one request,
 * or from BEGIN until the backend reports that no transaction is open; clients are served in the order in which they
 * asked, calls before jobs. No client keeps the session for ever: a transaction left idle is rolled back.
 * @param onFatal the database died while it was working
 */
export function createSessionScheduler(limits: SessionLimits, onFatal: (error: Error) => void): SessionScheduler {
  const runner = createSessionRunner(limits, onFatal);
  const entries = new Map<SessionClient, Entry>();
  const waiting = createWaitingLine<SessionClient>({
    yieldsMs: (client) => (entries.get(client)?.kind === 'background' ? limits.yieldsMs : 0),
    limitMs: () => (runner.isOpen() ? limits.waitMs : limits.openingMs),
    workedMs: runner.workedMs,
    onRefused: (client) => refuse(client, entries.get(client), runner.isOpen() ? limits.waitMs : null),
    onAllRefused: (client) => refuseBusy(client, entries.get(client), runner.stuckMs() ?? limits.statementMs),
  });
  /** The client whose transaction is open. */
  let owner: SessionClient | null = null;
  let working = false;

  async function work(): Promise<void> {
    if (working || !runner.isReady()) return;
    working = true;
    for (let client = next(); client; client = next()) await serve(client);
    working = false;
  }

  function next(): SessionClient | undefined {
    if (!owner) return waiting.shift();
    return (entries.get(owner)?.requests.length ?? 0) > 0 ? owner : undefined;
  }

  async function serve(client: SessionClient): Promise<void> {
    const entry = entries.get(client);
    const request = entry?.requests.shift();
    if (!entry || !request) return;
    clearTimeout(entry.idleTimer);
    entry.running = true;
    const keepsOthers = setTimeout(waiting.refuseAll, limits.statementMs);
    const answer = await execute(runner, entry, request, limits.idleTransactionMs);
    clearTimeout(keepsOthers);
    entry.running = false;
    for (const { channel, bytes } of answer.notifications)
      for (const each of entries.keys()) each.notify(channel, bytes);
    owner = entry.transaction === 'open' ? client : null;
    if (entry.requests.length === 0) rest(client, entry);
    else if (!owner) waiting.push(client);
    if (!entry.gone && request !== CLEAN_UP && request !== EVICT) client.answer(answer.bytes, request, answer.failed);
  }

  /** The client asks nothing more for now. */
  function rest(client: SessionClient, entry: Entry): void {
    if (owner === client) entry.idleTimer = setTimeout(() => enqueue(client, entry, EVICT), limits.idleTransactionMs);
    if (entry.gone) entries.delete(client);
  }

  function enqueue(client: SessionClient, entry: Entry, request: Request): void {
    entry.requests.push(request);
    if (owner !== client && !entry.running && entry.requests.length === 1) waiting.push(client);
    void work();
  }

  return {
    open(run) {
      runner.open(run);
      void work();
    },
    fail(error) {
      runner.fail(error);
      void work();
    },
    join: (client, kind) => void entries.set(client, newEntry(kind)),
    submit(client, request) {
      const entry = entries.get(client);
      if (!entry || entry.gone) return;
      const stuckMs = runner.stuckMs();
      if (stuckMs !== null && owner !== client) answerRefused(client, request, answerBusy(stuckMs, false));
      else enqueue(client, entry, request);
    },
    rollBack(client) {
      const entry = entries.get(client);
      if (entry && mayHoldSession(entry)) enqueue(client, entry, CLEAN_UP);
    },
    leave(client) {
      const entry = entries.get(client);
      if (!entry || entry.gone) return;
      entry.gone = true;
      entry.requests.length = 0;
      waiting.remove(client);
      clearTimeout(entry.idleTimer);
      if (mayHoldSession(entry)) enqueue(client, entry, CLEAN_UP);
      else entries.delete(client);
    },
  };
}

function newEntry(kind: ClientKind): Entry {
  const limit = createStatementLimit(kind === 'patient');
  return { kind, requests: [], transaction: 'none', running: false, gone: false, idleTimer: undefined, limit };
}

function mayHoldSession({ running, requests, transaction }: Entry): boolean {
  return running || requests.length > 0 || transaction !== 'none';
}

async function execute(runner: SessionRunner, entry: Entry, request: Request, idleMs: number): Promise<Answer> {
  if (entry.transaction === 'lost' && request !== CLEAN_UP) {
    const ends = request.texts.some((text) => ENDS_TRANSACTION.test(text));
    if (ends) entry.transaction = 'none';
    const undoes = request.texts.some((text) => UNDOES_TRANSACTION.test(text));
    return undoes ? await runner.execute(request) : answerLost(idleMs, ends ? 'I' : 'E');
  }
  const wasOpen = entry.transaction === 'open';
  const answer = await runner.execute(request, entry.limit.isLong(request.texts));
  entry.limit.ran(request.texts, answer.status === 'I');
  // A statement that was given up takes its transaction with it.
  if (request === EVICT || (wasOpen && answer.isGivenUp)) entry.transaction = 'lost';
  else entry.transaction = answer.status === 'I' ? 'none' : 'open';
  return answer;
}

/** @param waitedMs the limit that was waited for; null while the database is opening */
function refuse(client: SessionClient, entry: Entry | undefined, waitedMs: number | null): void {
  const error =
    waitedMs === null
      ? errorMessage('57P03', 'the embedded database is still opening')
      : errorMessage('57014', `canceling statement: it waited ${waitedMs} ms for another client's transaction`);
  for (const request of entry?.requests.splice(0) ?? [])
    client.answer(Buffer.concat([error, readyMessage('I')]), request, true);
}

function refuseBusy(client: SessionClient, entry: Entry | undefined, stuckMs: number): void {
  for (const request of entry?.requests.splice(0) ?? []) answerRefused(client, request, answerBusy(stuckMs, false));
}

function answerRefused(client: SessionClient, request: Request, answer: Answer): void {
  if (request !== CLEAN_UP && request !== EVICT) client.answer(answer.bytes, request, true);
}

function answerLost(idleMs: number, status: TransactionStatus): Answer {
  const text = `the transaction was rolled back: it asked nothing for ${idleMs} ms`;
  const bytes = Buffer.concat([errorMessage('25P03', text), readyMessage(status)]);
  return { bytes, status, failed: true, parsed: false, notifications: [] };
}
