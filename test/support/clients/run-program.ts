import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeAtFileEnd } from '../setup/resources.js';

export interface ProgramRun {
  command: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
}

/** A client whose model has gone tries again for minutes. In ms. */
const TIMEOUT_MS = 3 * 60_000;

/**
 * Runs a client to its end, without a terminal and without anything of the developer's environment.
 * @returns what it wrote to stdout @throws Error with its output if it ends with another code than 0, or does not end
 */
export async function runProgram({ command, args, cwd, env }: ProgramRun): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => void child.kill('SIGKILL');
  closeAtFileEnd(command, end);
  const timer = setTimeout(end, TIMEOUT_MS);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  if (code !== 0)
    throw new Error(`${command} ended with ${code ?? signal}:\n${stdout.slice(-3_000)}\n${stderr.slice(-3_000)}`);
  return stdout;
}
