import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expectAnswers } from '../inputs/expected-answer.js';
import { childEnvironment, defaultWorkFolder, type EnvironmentChange } from '../setup/environment.js';
import { MAIN } from '../setup/folders.js';
import { closeAtFileEnd } from '../setup/resources.js';

/** Answers that may be outstanding, and bytes of the lines that wait for them: then sending waits. */
const WINDOW = 48;
const WINDOW_BYTES = 8 * 1024 * 1024;
/** Bound of a hang: no answer at all for so long, in ms. */
const SILENCE_MS = 60_000;

/** An answer as far as it is counted. */
export interface RawAnswer {
  result?: { content?: { text?: string }[]; structuredContent?: Record<string, unknown>; isError?: boolean };
  error?: { code: number; message: string };
}

export interface RawClient {
  pid: number;
  /** Sends a line as it is, which owes the answers that `expectAnswers` says; waits while too many are outstanding. */
  send(line: string | Buffer): Promise<void>;
  /** Sends a request and returns its answer. */
  request(method: string, params?: unknown): Promise<RawAnswer>;
  /** Resolves when every answer has come. @throws Error naming what has none */
  allAnswered(): Promise<void>;
  /** Lines sent so far. */
  sent(): number;
  /** What the process has done wrong so far, at most a few; see `describeFault`. */
  faults: string[];
  /** How often an answer was of each kind: a tool's error code, `ok`, or a JSON-RPC error's number. */
  counts: Map<string, number>;
  close(): Promise<void>;
}

interface Outstanding {
  line: string;
  bytes: number;
  /** Requests under one id, which should be one. */
  owed: number;
  resolve?: (answer: RawAnswer) => void;
}

const MAX_FAULTS = 10;

/**
 * Spawns `popstash mcp` and speaks lines to it, not MCP: whatever the SDK's client would refuse to send or to read.
 * Every line of stdout is checked to be a message, every answer to be owed.
 */
export function openRawClient(
  env: EnvironmentChange,
  onAnswer: (answer: RawAnswer) => void = () => undefined,
): RawClient {
  const child = spawn(process.execPath, [MAIN, 'mcp'], {
    cwd: defaultWorkFolder(),
    env: childEnvironment(env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const outstanding = new Map<string, Outstanding>();
  const faults: string[] = [];
  const counts = new Map<string, number>();
  let [sent, unnamed, owed, owedBytes, ids] = [0, 0, 0, 0, 0];
  let stderr = '';
  let closing = false;
  let wake: () => void = () => undefined;

  const blame = (fault: string) => {
    if (faults.length < MAX_FAULTS) faults.push(fault);
    wake();
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-20_000);
  });
  child.stdin.on('error', () => undefined);
  const exited = once(child, 'close').then(([code, signal]) => {
    if (!closing) blame(`the process ended (${code ?? signal}); its stderr:\n${stderr}`);
  });
  closeAtFileEnd('raw popstash mcp', close);

  let rest: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      receive(Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8'));
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  });

  function receive(line: string): void {
    for (const message of readMessages(line)) {
      if (message === null) blame(`stdout carried what is no JSON-RPC message: ${clip(line)}`);
      else if (message.method === undefined) takeAnswer(message, line);
    }
  }

  function takeAnswer(answer: RawAnswer & { id: string | number | null }, line: string): void {
    const kind = kindOf(answer);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (answer.id === null) {
      unnamed -= 1;
      if (unnamed < 0) blame(`an answer without an id that nobody is owed: ${clip(line)}`);
    } else {
      const id = JSON.stringify(answer.id);
      const request = outstanding.get(id);
      if (!request) {
        blame(`an answer that nobody is owed: ${clip(line)}`);
        return;
      }

      if (kind === 'internal') blame(`an internal failure: ${clip(line)}\n  of: ${clip(request.line)}`);
      request.owed -= 1;
      if (request.owed === 0) {
        outstanding.delete(id);
        owedBytes -= request.bytes;
      }
      request.resolve?.(answer);
    }
    owed -= 1;
    onAnswer(answer);
    wake();
  }

  /** @throws Error when nothing comes for too long, or something is wrong already */
  async function until(condition: () => boolean): Promise<void> {
    while (!condition() && faults.length === 0) {
      let timer: NodeJS.Timeout | undefined;
      const woken = await new Promise<boolean>((resolve) => {
        wake = () => resolve(true);
        timer = setTimeout(() => resolve(false), SILENCE_MS);
      });
      clearTimeout(timer);
      if (!woken) blame(`${owed} answers are missing: ${unnamed} without an id, and those of\n${listMissing()}`);
    }
    if (faults.length > 0) throw new Error(faults.join('\n'));
  }

  function listMissing(): string {
    return [...outstanding.values()]
      .slice(0, 5)
      .map(({ line }) => clip(line))
      .join('\n');
  }

  async function write(line: string | Buffer, resolve?: (answer: RawAnswer) => void): Promise<void> {
    const bytes = typeof line === 'string' ? Buffer.from(line) : line;
    const text = bytes.toString('utf8');
    sent += 1;
    for (const answer of expectAnswers(text)) {
      if (answer !== 'none') owed += 1;
      if (answer === 'unnamed') unnamed += 1;
      if (typeof answer === 'string') continue;
      const known = outstanding.get(answer.id);
      outstanding.set(answer.id, {
        line: text,
        bytes: bytes.length + (known?.bytes ?? 0),
        owed: 1 + (known?.owed ?? 0),
        ...(resolve && { resolve }),
      });
      owedBytes += bytes.length;
    }
    const isFull = !child.stdin.write(Buffer.concat([bytes, Buffer.from('\n')]));
    // When it has ended, that is a fault which is told below.
    if (isFull) await Promise.race([once(child.stdin, 'drain').catch(() => exited), exited]);
    await until(() => owed < WINDOW && owedBytes < WINDOW_BYTES);
  }

  async function close(): Promise<void> {
    closing = true;
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await exited;
    clearTimeout(timer);
  }

  return {
    pid: child.pid ?? -1,
    send: (line) => write(line),
    async request(method, params) {
      ids += 1;
      let answer: RawAnswer | undefined;
      const line = JSON.stringify({ jsonrpc: '2.0', id: `request ${ids}`, method, params });
      await write(line, (received) => {
        answer = received;
      });
      await until(() => answer !== undefined);
      return answer ?? {};
    },
    allAnswered: () => until(() => owed === 0),
    sent: () => sent,
    faults,
    counts,
    close,
  };
}

type Message = RawAnswer & { id: string | number | null; method?: string };

/** The messages of a line: one, or the answers to a batch. */
function readMessages(line: string): (Message | null)[] {
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) && value.length > 0 ? value.map(readMessage) : [readMessage(value)];
  } catch {
    return [null];
  }
}

/** Null for what is neither an answer nor a notification of JSON-RPC 2.0. */
function readMessage(value: unknown): Message | null {
  const message = value as (Message & { jsonrpc?: unknown }) | null;
  if (message?.jsonrpc !== '2.0') return null;
  if (typeof message.method === 'string') return message;
  const named = typeof message.id === 'string' || typeof message.id === 'number';
  if (message.error ? !(named || message.id === null) : !named || message.result === undefined) return null;
  return message;
}

function kindOf({ result, error }: RawAnswer): string {
  if (error) return String(error.code);
  if (!result?.isError) return 'ok';
  return String((JSON.parse(result.content?.[0]?.text ?? '{}') as { code?: unknown }).code);
}

function clip(text: string): string {
  return text.length <= 600 ? text : `${text.slice(0, 400)} … ${text.length} characters … ${text.slice(-100)}`;
}
