import { spawn } from 'node:child_process';

export interface EndedProgram {
  /** The exit code, or the signal's name. */
  code: number | string | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, in the background of others. It is killed after the time, and its code is then SIGKILL. */
export function runToEnd(
  file: string,
  args: readonly string[],
  { cwd, env, input, timeoutMs }: { cwd: string; env: Record<string, string>; input: string; timeoutMs: number },
): Promise<EndedProgram> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, timeout: timeoutMs, killSignal: 'SIGKILL' });
    const ended = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        ended[name] += text;
      });
    }
    // The program may end before it has read all.
    child.stdin.on('error', () => undefined).end(input);
    child.on('error', reject).on('close', (code, signal) => resolve({ ...ended, code: code ?? signal }));
  });
}
