import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { childEnvironment, defaultWorkFolder, type EnvironmentChange } from '../setup/environment.js';
import { MAIN } from '../setup/folders.js';
import { closeAtFileEnd } from '../setup/resources.js';

export interface RunningProcess {
  pid: number;
  /** All of it so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves with the exit code, or the signal's name. */
  exited: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL when it has not ended after 15 s; resolves when it has. */
  stop(): Promise<number | NodeJS.Signals>;
  /** Resolves at the first stderr line that matches, also an earlier one. @throws Error with stderr when it ends before. */
  untilStderr(pattern: RegExp): Promise<string>;
}

export interface SpawnOptions {
  env?: EnvironmentChange;
  cwd?: string;
  /** Sent to stdin, which is then closed; left open when undefined. */
  input?: string;
  /** Another build's main.js. */
  main?: string;
}

/** Spawns `node dist/main.js …args`; stopped at the file's end at the latest. */
export function spawnCommand(args: readonly string[], options: SpawnOptions = {}): RunningProcess {
  const child = spawn(process.execPath, [options.main ?? MAIN, ...args], {
    cwd: options.cwd ?? defaultWorkFolder(),
    env: childEnvironment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (options.input !== undefined) child.stdin.end(options.input);
  // The child may end before it has read all.
  child.stdin.on('error', () => undefined);
  const running = trackProcess(child);
  closeAtFileEnd(`popstash ${args.join(' ')}`, running.stop);
  return running;
}

/** Runs a command to its end. */
export async function runCommand(
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<{ code: number | NodeJS.Signals; stdout: string; stderr: string }> {
  const running = spawnCommand(args, { input: '', ...options });
  const code = await running.exited;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

/** Spawns `popstash worker NAME` and resolves when it takes jobs. */
export async function startWorker(
  name: 'embedding' | 'lock-expiry' | 'maintenance' | 'cost-rollup',
  env: EnvironmentChange = {},
): Promise<RunningProcess> {
  const running = spawnCommand(['worker', name], { env });
  await running.untilStderr(/ready: takes jobs/);
  return running;
}

/** What a process writes, and its end; the caller sees to it that it is stopped. */
export function trackProcess(child: ChildProcess): RunningProcess {
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const watch of watchers) watch();
  });
  // 'close' rather than 'exit': by then all of its output has been read.
  const exited = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);

  async function stop(): Promise<number | NodeJS.Signals> {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      child.kill('SIGCONT'); // a test may have stopped it
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    try {
      return await exited;
    } finally {
      clearTimeout(timer);
    }
  }

  function untilStderr(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const line = stderr.split('\n').find((candidate) => pattern.test(candidate));
        if (line === undefined) return;
        watchers.delete(look);
        resolve(line);
      };
      watchers.add(look);
      look();
      void exited.then((code) => {
        watchers.delete(look);
        reject(new Error(`it ended (${code}) before a line on stderr matched ${pattern}:\n${stderr}`));
      });
    });
  }

  return {
    pid: child.pid ?? -1,
    stdout: () => stdout,
    stderr: () => stderr,
    exited,
    kill: (signal) => void child.kill(signal),
    stop,
    untilStderr,
  };
}

/** Whether a process with this id is there, a zombie included. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
