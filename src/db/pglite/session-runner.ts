import { afterRunning } from '../../async/running-timer.js';
import { wordBusy } from '../faults/embedded-errors.js';
import { StuckStatementError } from '../stuck-statement-error.js';
import {
  type Answer,
  errorMessage,
  parsedMessage,
  queryMessage,
  type Request,
  readAnswer,
  readyMessage,
} from './pglite-protocol.js';

/** Executes a request's bytes and returns the answer's; rejects only when the database is beyond use. */
export type RunRequest = (bytes: Buffer) => Promise<Buffer>;

export interface RunnerLimits {
  /** A statement's client is answered with an error after this long, in ms; the statement itself goes on. */
  statementMs: number;
  /** A statement that runs for so long ends the database, in ms. */
  stuckMs: number;
}

export interface SessionRunner {
  /** The database is open. */
  open(run: RunRequest): void;
  /** From now on every request is answered with this error. */
  fail(error: Error): void;
  /** False while the database is still opening. */
  isReady(): boolean;
  isOpen(): boolean;
  /**
   * One request at a time. Never rejects: a database beyond use answers with an error (57P02), one that is busy with an
   * earlier request too (57014).
   * @param isLong neither limit holds for it; the thread has one of its own
   */
  execute(request: Request, isLong?: boolean): Promise<Answer>;
  /** How long it has been busy with one request when that is longer than a statement's limit, in ms; else null. */
  stuckMs(): number | null;
  /** How long the database has worked in all, in ms. */
  workedMs(): number;
}

/** Runs requests in the one session that PGlite has, and knows which statements that session has prepared. */
export function createSessionRunner(limits: RunnerLimits, onFatal: (error: Error) => void): SessionRunner {
  let run: RunRequest | null = null;
  let dead: Error | null = null;
  let finishedMs = 0;
  let workingSince = 0;
  /** A request whose client no longer waits for it. */
  let abandoned = false;

  const workedMs = (): number => finishedMs + (workingSince > 0 ? performance.now() - workingSince : 0);

  async function runPrepared(run: RunRequest, { bytes, parse }: Request): Promise<Answer> {
    const isKnown = parse?.statement.isPrepared === true;
    const answer = readAnswer(await run(isKnown ? bytes.subarray(parse.length) : bytes));
    if (answer.status === null) throw new Error('it stopped in the middle of an answer');
    if (isKnown) answer.bytes = Buffer.concat([parsedMessage(), answer.bytes]);
    else if (parse && answer.parsed) parse.statement.isPrepared = true;
    return answer;
  }

  return {
    open(opened) {
      run = opened;
    },
    fail(error) {
      dead = error;
    },
    isReady: () => run !== null || dead !== null,
    isOpen: () => run !== null,
    workedMs,
    stuckMs() {
      const ms = workingSince > 0 ? performance.now() - workingSince : 0;
      return ms >= limits.statementMs ? ms : null;
    },
    async execute(request, isLong = false) {
      if (dead || !run) return answerBroken(dead ?? new Error('it is not open'));
      if (abandoned) return answerBusy(performance.now() - workingSince, false);
      workingSince = performance.now();
      const working = work(run, request);
      if (isLong) return await working;
      void working.then(afterRunning(limits.stuckMs, () => die(request)));
      return await answerInTime(working);
    },
  };

  async function work(run: RunRequest, request: Request): Promise<Answer> {
    try {
      const answer = await runPrepared(run, request);
      // Its client has been told that it failed: what it left open belongs to nobody.
      if (abandoned && answer.status !== 'I') await runPrepared(run, { bytes: queryMessage('ROLLBACK'), texts: [] });
      return answer;
    } catch (error) {
      dead = error instanceof Error ? error : new Error(String(error));
      onFatal(dead);
      return answerBroken(dead);
    } finally {
      finishedMs = workedMs();
      workingSince = 0;
      abandoned = false;
    }
  }

  async function answerInTime(working: Promise<Answer>): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Answer>((resolve) => {
      timer = setTimeout(() => {
        abandoned = true;
        resolve(answerBusy(limits.statementMs, true));
      }, limits.statementMs);
    });
    try {
      return await Promise.race([working, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  function die({ texts }: Request): void {
    dead = new StuckStatementError(texts[0] ?? 'a prepared one', limits.stuckMs);
    onFatal(dead);
  }
}

/** @param isOwn the asking client's own statement is what the database is busy with */
export function answerBusy(ms: number, isOwn: boolean): Answer {
  const bytes = Buffer.concat([errorMessage('57014', wordBusy(ms, isOwn)), readyMessage('I')]);
  return { bytes, status: 'I', failed: true, parsed: false, notifications: [], isGivenUp: isOwn };
}

function answerBroken(error: Error): Answer {
  const text = `the embedded database can't be used: ${error.message}`;
  const bytes = Buffer.concat([errorMessage('57P02', text), readyMessage('I')]);
  return { bytes, status: 'I', failed: true, parsed: false, notifications: [] };
}
