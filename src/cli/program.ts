import { Command, CommanderError } from 'commander';
import { type Environment, isColoured } from '../config.js';
import { AppError } from '../errors.js';
import { findPackage } from '../package-root.js';
import { commands } from './commands.js';
import type { CommandContext } from './context/command-context.js';

/** Of a terminal that does not say how wide it is, in columns. */
const DEFAULT_WIDTH = 80;

/** Runs one command of the command line. stdout carries the answer and nothing else; failures end with exit code 1 or 2. */
export async function runProgram(env: Environment, args: readonly string[]): Promise<void> {
  endWithReader();
  const program = createProgram({
    env,
    script: process.argv[1] ?? '',
    width: process.stdout.isTTY ? process.stdout.columns || DEFAULT_WIDTH : Number.POSITIVE_INFINITY,
    isColoured: isColoured(env, process.stdout.isTTY),
    write: (text) => process.stdout.write(`${text}\n`),
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = report(error, env.POPSTASH_LOG_LEVEL === 'debug');
  }
}

/** The whole command line. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('popstash')
    .description('Memory, coordination and accountability for AI coding agents.')
    .version(findPackage().version)
    .showHelpAfterError('(popstash --help lists the commands)')
    .exitOverride()
    // What stands behind a command is for that command.
    .enablePositionalOptions();
  for (const add of commands) add(program, context);
  return program;
}

/** `popstash doctor | head -1`: when the reader of the answer has gone, the command ends without a word. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

/**
 * @param isDebugging an unexpected failure is told with its stack
 * @returns the exit code: 0 for help, 2 for wrong usage, 1 for a failure
 */
function report(error: unknown, isDebugging: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof AppError) {
    process.stderr.write(`popstash: ${error.message}\n  ${error.fix}\n`);
    return 1;
  }
  process.stderr.write(`popstash: ${error instanceof Error ? error.message : String(error)}\n`);
  const stack = error instanceof Error ? error.stack : undefined;
  if (isDebugging && stack) process.stderr.write(`${stack}\n`);
  else process.stderr.write('  Set POPSTASH_LOG_LEVEL=debug to see where it happened.\n');
  return 1;
}
