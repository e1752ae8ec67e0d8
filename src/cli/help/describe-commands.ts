import type { Command } from 'commander';
import type { CommandContext } from '../context/command-context.js';
import { describeExitCodes } from './exit-codes.js';
import { helpLayout } from './lay-out-help.js';

/** Gives every command what all have: its exit codes in --help, a hint after wrong usage, a check of the settings before. */
export function describeCommands(program: Command, { env }: CommandContext): void {
  for (const command of listCommands(program)) {
    const words = nameCommand(command);
    command.showHelpAfterError(
      command === program ? '(popstash --help lists the commands)' : `(${words} --help says more)`,
    );
    command.addHelpText('after', `\nExit codes: ${describeExitCodes(words)}`);
    command.configureHelp(helpLayout);
    // What is no subcommand is told below, with the names of those that there are.
    if (command !== program && command.commands.length > 0)
      for (const each of withDefault(command)) each.allowExcessArguments();
  }
  program.hook('preAction', async (_program, command) => {
    refuseUnknownCommand(command);
    const { checkSettings } = await import('../context/check-settings.js');
    checkSettings(env, nameCommand(command).replace(/^popstash ?/, ''));
  });
}

/** All of them, subcommands too; the program first. */
export function listCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(listCommands)];
}

/** `popstash costs audit` */
export function nameCommand(command: Command): string {
  return command.parent ? `${nameCommand(command.parent)} ${command.name()}` : command.name();
}

/** A command and its subcommands that take no argument: one of these may stand for it. */
function withDefault(command: Command): Command[] {
  return [command, ...command.commands.filter((each) => each.registeredArguments.length === 0)];
}

function refuseUnknownCommand(command: Command): void {
  const word = command.args[command.registeredArguments.length];
  const isExcess = word !== undefined && !command.registeredArguments.at(-1)?.variadic;
  const parent = command.commands.length > 0 ? command : command.parent;
  if (!isExcess || !parent?.parent) return;
  const names = parent.commands.map((each) => each.name()).join(', ');
  parent.error(`error: ${nameCommand(parent)} has no command '${word}'; it has: ${names}`, {
    code: 'commander.unknownCommand',
    exitCode: 2,
  });
}
