import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeAtFileEnd } from '../setup/resources.js';

export interface ProgramRun {
  command: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Its stdin is left open for the test; else it has none. */
  hasInput?: boolean;
}

/** A client whose model has gone tries again for minutes. In ms. */
const TIMEOUT_MS = 3 * 60_000;

export interface RunningProgram {
  child: ChildProcess;
  /** What it wrote to stdout. Rejects, with its output, if it ends with another code than 0, or does not end. */
  finished: Promise<string>;
}

/** Starts a client, without a terminal and without anything of the developer's environment. */
export function startProgram({ command, args, cwd, env, hasInput = false }: ProgramRun): RunningProgram {
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm', ...env },
    stdio: [hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  closeAtFileEnd(command, () => void child.kill('SIGKILL'));
  const finished = finish(child, command);
  // Whoever kills it does not wait for it.
  finished.catch(() => undefined);
  return { child, finished };
}

/** Runs a client to its end. @returns what it wrote to stdout @throws Error as `finished` of `startProgram` rejects */
export function runProgram(run: ProgramRun): Promise<string> {
  return startProgram(run).finished;
}

async function finish(child: ChildProcess, command: string): Promise<string> {
  const timer = setTimeout(() => void child.kill('SIGKILL'), TIMEOUT_MS);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  if (code !== 0)
    throw new Error(`${command} ended with ${code ?? signal}:\n${stdout.slice(-3_000)}\n${stderr.slice(-3_000)}`);
  return stdout;
}
