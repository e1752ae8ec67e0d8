import { Command, CommanderError } from 'commander';
import { type Environment, isColoured } from '../config.js';
import { AppError } from '../errors.js';
import { findCommandHere } from '../hooks/install/launcher/find-invocation.js';
import { findPackage } from '../package-root.js';
import { shellCommand } from '../text/shell-command.js';
import { showControls } from '../text/show-controls.js';
import { wordCommands } from '../text/word-commands.js';
import { commands } from './commands.js';
import type { CommandContext } from './context/command-context.js';
import { writeStyles } from './output/paint.js';
import { writeError } from './output/write-error.js';

/** Of a terminal that does not say how wide it is, in columns. */
const DEFAULT_WIDTH = 80;

/** Commands whose answer has texts of agents in it, which stay as they were written. */
const SHOWS_STORED = new Set(['status', 'locks', 'search', 'list', 'show', 'edit', 'export', 'timeline']);

/** Runs one command of the command line. stdout carries the answer and nothing else; failures end with exit code 1 or 2. */
export async function runProgram(env: Environment, args: readonly string[]): Promise<void> {
  endWithReader();
  const script = process.argv[1] ?? '';
  const word = openCommandWords(env, script);
  const isOurs = !args.includes('--json') && !SHOWS_STORED.has(args[0] ?? '');
  const program = createProgram({
    env,
    script,
    word,
    width: process.stdout.isTTY ? process.stdout.columns || DEFAULT_WIDTH : Number.POSITIVE_INFINITY,
    isColoured: isColoured(env, process.stdout.isTTY),
    write: (text) => process.stdout.write(`${writeStyles(showControls(isOurs ? word(text) : text))}\n`),
    writeText: (text) => process.stdout.write(`${process.stdout.isTTY ? showControls(text) : text}\n`),
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = report(error, word, env.POPSTASH_LOG_LEVEL === 'debug');
  }
}

/** The whole command line. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('popstash')
    .description('Memory, coordination and accountability for AI coding agents.')
    .version(findPackage().version)
    .showHelpAfterError('(popstash --help lists the commands)')
    .exitOverride()
    // It repeats what was typed.
    .configureOutput({
      writeErr: (text) => process.stderr.write(showControls(context.word(text))),
      writeOut: (text) => process.stdout.write(context.word(text)),
    })
    // What stands behind a command is for that command.
    .enablePositionalOptions();
  for (const add of commands) add(program, context);
  return program;
}

/** Looks for the words once, when a text first names a command. */
function openCommandWords(env: Environment, script: string): CommandContext['word'] {
  let words: string | undefined;
  return (text) =>
    wordCommands(text, () => {
      words ??= shellCommand(findCommandHere(env, script));
      return words;
    });
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
function report(error: unknown, word: CommandContext['word'], isDebugging: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof AppError) {
    writeError(`popstash: ${word(error.message)}\n  ${word(error.fix)}`);
    return 1;
  }
  writeError(`popstash: ${error instanceof Error ? error.message : String(error)}`);
  const stack = error instanceof Error ? error.stack : undefined;
  writeError(isDebugging && stack ? stack : '  Set POPSTASH_LOG_LEVEL=debug to see where it happened.');
  return 1;
}
