import { shellCommand } from '../../../src/text/shell-command.js';
import { type EndedProgram, runToEnd } from '../processes/run-to-end.js';
import { childEnvironment, type EnvironmentChange } from '../setup/environment.js';
import { MAIN } from '../setup/folders.js';

export interface TerminalOptions {
  columns: number;
  cwd: string;
  env?: EnvironmentChange;
  /** What is typed; the terminal shows it too. */
  input?: string;
}

/** Bounds a hang, in ms. */
const HANG_MS = 60_000;

/**
 * Runs a command of popstash on a pseudo-terminal of that width. What stdout and stderr show there is one text, as on a
 * person's screen, with its styles.
 */
export async function runInTerminal(
  args: readonly string[],
  { columns, cwd, env = {}, input = '' }: TerminalOptions,
): Promise<EndedProgram> {
  const command = `stty cols ${columns} rows 50; exec ${shellCommand([process.execPath, MAIN, ...args])}`;
  const ended = await runToEnd('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: childEnvironment({ TERM: 'xterm-256color', ...env }),
    input,
    timeoutMs: HANG_MS,
  });
  return { ...ended, stdout: ended.stdout.replaceAll('\r\n', '\n') };
}
