import { Command } from 'commander';
import { type Environment, isColoured } from '../config.js';
import { wordForShell } from '../hooks/install/launcher/command-here.js';
import { findPackage } from '../package-root.js';
import { showControls } from '../text/show-controls.js';
import { commandGroups } from './commands.js';
import type { CommandContext } from './context/command-context.js';
import { describeCommands } from './help/describe-commands.js';
import { endWithReader } from './terminal/end-with-reader.js';
import { fitForTerminal } from './terminal/fit-for-terminal.js';
import { fitText } from './terminal/fit-text.js';
import { reportFailure } from './terminal/report-failure.js';
import { chooseWidth } from './terminal/terminal-width.js';

/** Commands whose answer has texts of agents in it, which stay as they were written. */
const SHOWS_STORED = new Set(['status', 'locks', 'search', 'list', 'show', 'edit', 'export', 'timeline']);

/** Runs one command of the command line. stdout carries the answer and nothing else; failures end with exit code 1 or 2. */
export async function runProgram(env: Environment, args: readonly string[]): Promise<void> {
  endWithReader();
  const measure = () => chooseWidth(process.stdout, env);
  // JSON stays what it is, whatever the terminal.
  const lineWidth = args.includes('--json') ? Number.POSITIVE_INFINITY : measure();
  const script = process.argv[1] ?? '';
  const word = wordForShell(env, script);
  const isOurs = !args.includes('--json') && !SHOWS_STORED.has(args[0] ?? '');
  const program = createProgram({
    env,
    script,
    word,
    width: measure(),
    measure,
    isColoured: isColoured(env, process.stdout.isTTY),
    write: (text) => process.stdout.write(`${fitForTerminal(isOurs ? word(text) : text, lineWidth)}\n`),
    writeText: (text) => process.stdout.write(`${process.stdout.isTTY ? showControls(text) : text}\n`),
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = reportFailure(error, { isDebugging: env.POPSTASH_LOG_LEVEL === 'debug', word });
  }
}

/** The whole command line. */
export function createProgram(context: CommandContext): Command {
  const { env, width } = context;
  const program = new Command('popstash')
    .description('Memory, coordination and accountability for AI coding agents.')
    .version(findPackage().version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => process.stdout.write(fitText(context.word(text), width)),
      // It repeats what was typed.
      writeErr: (text) =>
        process.stderr.write(fitText(showControls(context.word(text)), chooseWidth(process.stderr, env))),
      ...(Number.isFinite(width) && { getOutHelpWidth: () => width }),
      getOutHasColors: () => context.isColoured,
    })
    // What stands behind a command is for that command.
    .enablePositionalOptions();
  for (const [heading, commands] of Object.entries(commandGroups)) {
    program.commandsGroup(heading);
    for (const add of commands) add(program, context);
  }
  program.helpCommand('help [command]', 'display help for a command').commandsGroup('');
  describeCommands(program, context);
  return program;
}
