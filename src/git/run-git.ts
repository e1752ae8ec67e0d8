import { type ChildProcess, spawn } from 'node:child_process';
import { LRUCache } from 'lru-cache';
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
  /**
   * Never rejects. A worktree in which git took too long is left alone for a minute.
   * @param worktree its top folder, where git itself checks that the repository is this user's
   */
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
/** A git that is killed has ended within this, in ms, unless it waits for files that do not answer. */
const KILL_MS = 1_000;
/** How long nothing is asked of a repository in which git took too long, in ms: its files may not answer. */
const PENALTY_MS = 60_000;
const MAX_SLOW = 200;
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
  const slow = new LRUCache<string, true>({ max: MAX_SLOW, ttl: PENALTY_MS });
  // Git goes to the folder itself: Node would wait until a process that it starts there is in it.
  const start = (worktree: string, args: readonly string[]): ChildProcess =>
    spawn('git', [...READ_ONLY, '-C', worktree, ...args], { env: { ...variables }, stdio: ['pipe', 'pipe', 'ignore'] });

  async function watch(worktree: string, children: readonly ChildProcess[], options: GitOptions): Promise<GitResult> {
    const { isLate, ...result } = await collect(children, options);
    if (isLate) slow.set(worktree, true);
    return result;
  }

  return {
    run: (worktree, args, options = {}) =>
      limit(async () => {
        if (slow.has(worktree)) return NOTHING;
        const child = start(worktree, args);
        const ended = watch(worktree, [child], options);
        child.stdin?.on('error', () => undefined).end(options.input ?? '');
        return await ended;
      }),

    pipe: (worktree, first, second, options) =>
      limit(async () => {
        if (slow.has(worktree)) return NOTHING;
        const source = start(worktree, first);
        const sink = start(worktree, second);
        const ended = watch(worktree, [source, sink], options);
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

const NOTHING: GitResult = { status: null, out: '' };

/**
 * What the last of these processes prints, once all have ended. The first one that failed says how. One that does not end
 * though it was killed is left behind.
 */
async function collect(
  children: readonly ChildProcess[],
  options: GitOptions,
): Promise<GitResult & { isLate: boolean }> {
  const { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES, onText } = options;
  const kill = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  let isLate = false;
  let timer: NodeJS.Timeout | undefined;
  const givenUp = new Promise<null[]>((resolve) => {
    timer = setTimeout(() => {
      isLate = true;
      kill();
      timer = setTimeout(() => resolve([null]), KILL_MS);
    }, timeoutMs);
  });
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
  const ended = children.map(
    (child) =>
      new Promise<number | null>((resolve) => {
        child.on('error', () => resolve(null)).on('close', (code) => resolve(code));
      }),
  );
  const codes = await Promise.race([Promise.all(ended), givenUp]);
  clearTimeout(timer);
  const status = codes.find((code) => code !== 0) ?? (codes.includes(null) ? null : 0);
  return { status, out: parts.join(''), isLate };
}

/** The lines of what git printed, without empty ones. */
export function splitLines(out: string): string[] {
  return out.split('\n').filter((line) => line !== '');
}
