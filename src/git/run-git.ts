import { type ChildProcess, spawn } from 'node:child_process';
import pLimit from 'p-limit';
import type { Environment } from '../config.js';

/** What git printed, and how it ended. */
export interface GitResult {
  /** Null when git could not be started, took too long or printed too much. */
  status: number | null;
  out: string;
}

export interface GitOptions {
  /** For git's stdin. */
  input?: string;
  /** In ms. */
  timeoutMs?: number;
  /** Bytes that git may print. */
  maxBytes?: number;
  /** Takes what git prints piece by piece; `out` is then empty, and `maxBytes` does not count. */
  onText?: (text: string) => void;
}

export interface Git {
  /** Never rejects. @param worktree its top folder, where git itself checks that the repository is this user's */
  run(worktree: string, args: readonly string[], options?: GitOptions): Promise<GitResult>;
  /** What the second git prints when it reads what the first one prints. Never rejects. */
  pipe(
    worktree: string,
    first: readonly string[],
    second: readonly string[],
    options: GitOptions & { input: string },
  ): Promise<GitResult>;
}

/** Processes (or pairs of them) of git at the same time: the machine is the agents'. */
const MAX_RUNNING = 2;
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;
/** Bytes that go from one git to another. */
const MAX_PIPED_BYTES = 64 * 1024 * 1024;

/**
 * Options of every git: it only reads. No hook, pager, lock or program of a file monitor, and no transport, with which a
 * partial clone would fetch what is missing.
 */
const READ_ONLY = [
  '--no-pager',
  '--no-optional-locks',
  ...['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'protocol.allow=never'].flatMap((value) => ['-c', value]),
];

/**
 * Runs git without blocking the event loop.
 * @param variables the environment of git: `gitVariables` of src/config.ts
 */
export function createGit(variables: Environment): Git {
  const limit = pLimit(MAX_RUNNING);
  const start = (cwd: string, args: readonly string[]): ChildProcess =>
    spawn('git', [...READ_ONLY, ...args], { cwd, env: { ...variables }, stdio: ['pipe', 'pipe', 'ignore'] });

  return {
    run: (worktree, args, options = {}) =>
      limit(async () => {
        const child = start(worktree, args);
        const ended = collect([child], options);
        child.stdin?.on('error', () => undefined).end(options.input ?? '');
        return await ended;
      }),

    pipe: (worktree, first, second, options) =>
      limit(async () => {
        const source = start(worktree, first);
        const sink = start(worktree, second);
        const ended = collect([source, sink], options);
        let bytes = 0;
        source.stdout?.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_PIPED_BYTES) source.kill('SIGKILL');
        });
        if (sink.stdin) source.stdout?.pipe(sink.stdin.on('error', () => undefined));
        source.stdin?.on('error', () => undefined).end(options.input);
        return await ended;
      }),
  };
}

/** What the last of these processes prints, once all have ended. The first one that failed says how. */
async function collect(children: readonly ChildProcess[], options: GitOptions): Promise<GitResult> {
  const { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES, onText } = options;
  const kill = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  const timer = setTimeout(kill, timeoutMs);
  const parts: string[] = [];
  let length = 0;
  children
    .at(-1)
    ?.stdout?.setEncoding('utf8')
    .on('data', (text: string) => {
      if (onText) return onText(text);
      length += text.length;
      if (length > maxBytes) kill();
      else parts.push(text);
    });
  const codes = await Promise.all(
    children.map(
      (child) =>
        new Promise<number | null>((resolve) => {
          child.on('error', () => resolve(null)).on('close', (code) => resolve(code));
        }),
    ),
  );
  clearTimeout(timer);
  return { status: codes.find((code) => code !== 0) ?? (codes.includes(null) ? null : 0), out: parts.join('') };
}

/** The lines of what git printed, without empty ones. */
export function splitLines(out: string): string[] {
  return out.split('\n').filter((line) => line !== '');
}
