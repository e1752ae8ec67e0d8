import { type Answer, errorMessage, parsedMessage, type Request, readAnswer, readyMessage } from './pglite-protocol.js';

/** Executes a request's bytes and returns the answer's; rejects only when the database is beyond use. */
export type RunRequest = (bytes: Buffer) => Promise<Buffer>;

export interface SessionRunner {
  /** The database is open. */
  open(run: RunRequest): void;
  /** From now on every request is answered with this error. */
  fail(error: Error): void;
  /** False while the database is still opening. */
  isReady(): boolean;
  isOpen(): boolean;
  /** One request at a time. Never rejects: a database beyond use answers with an error (57P02). */
  execute(request: Request): Promise<Answer>;
  /** How long the database has worked in all, in ms. */
  workedMs(): number;
}

/** Runs requests in the one session that PGlite has, and knows which statements that session has prepared. */
export function createSessionRunner(onFatal: (error: Error) => void): SessionRunner {
  let run: RunRequest | null = null;
  let dead: Error | null = null;
  let finishedMs = 0;
  let workingSince = 0;

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
    async execute(request) {
      if (dead || !run) return answerBroken(dead ?? new Error('it is not open'));
      workingSince = performance.now();
      try {
        return await runPrepared(run, request);
      } catch (error) {
        dead = error instanceof Error ? error : new Error(String(error));
        onFatal(dead);
        return answerBroken(dead);
      } finally {
        finishedMs = workedMs();
        workingSince = 0;
      }
    },
  };
}

function answerBroken(error: Error): Answer {
  const text = `the embedded database can't be used: ${error.message}`;
  const bytes = Buffer.concat([errorMessage('57P02', text), readyMessage('I')]);
  return { bytes, status: 'I', failed: true, parsed: false, notifications: [] };
}
