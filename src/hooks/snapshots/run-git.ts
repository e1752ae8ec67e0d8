import { execFile } from 'node:child_process';

export interface GitBounds {
  timeoutMs: number;
  /** That git may print. */
  maxBytes: number;
}

export interface GitOutput {
  /** Null where git could not be started, was killed, or does not end. */
  status: number | null;
  out: string;
  /** It printed more than it may: `out` is the beginning. */
  isCut: boolean;
}

/** A git that is killed has ended within this, in ms, unless it waits for files that do not answer. */
const KILL_MS = 500;

/** Asks git about a worktree. Never rejects, and never takes longer than it may. */
export function runGit(
  worktree: string,
  args: readonly string[],
  { timeoutMs, maxBytes }: GitBounds,
  input = '',
): Promise<GitOutput> {
  return new Promise((resolve) => {
    const options = { encoding: 'utf8', timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: maxBytes } as const;
    // Git goes to the folder itself: Node would wait until a process that it starts there is in it.
    const child = execFile('git', ['-C', worktree, ...args], options, (error, out) => {
      clearTimeout(timer);
      const isCut = error?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
      const code = error ? error.code : 0;
      // At its time-out git may end well at that very moment, and a part of what it prints is lost without an error.
      const status = child.killed || typeof code !== 'number' ? null : code;
      resolve({ status, out, isCut });
    });
    const timer = setTimeout(() => resolve({ status: null, out: '', isCut: false }), timeoutMs + KILL_MS);
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
