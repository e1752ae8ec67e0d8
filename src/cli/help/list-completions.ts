import type { Command } from 'commander';
import { firstClause } from './first-clause.js';

/** What may be typed behind the words of one command. */
export interface CompletionPoint {
  /** `costs audit`; empty for popstash itself. */
  words: string;
  commands: readonly CompletionWord[];
  options: readonly CompletionOption[];
  /** Words that its first argument may be; none where it may be anything. */
  values: readonly string[];
}

export interface CompletionWord {
  name: string;
  description: string;
}

export interface CompletionOption extends CompletionWord {
  /** With its dashes, and the short form where there is one. */
  names: readonly string[];
  takesValue: boolean;
  /** What its value may be; none where it may be anything. */
  values: readonly string[];
}

/** All that a shell can complete, as the command line knows it. */
export function listCompletions(program: Command, words = ''): CompletionPoint[] {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    description: firstClause(command.description()),
  }));
  const options = program
    .createHelp()
    .visibleOptions(program)
    .map((option) => ({
      name: option.long ?? option.short ?? '',
      names: [option.short, option.long].filter((name) => name !== undefined),
      description: firstClause(option.description),
      takesValue: option.required || option.optional,
      values: option.argChoices ?? [],
    }));
  const own = { words, commands, options, values: program.registeredArguments[0]?.argChoices ?? [] };
  const below = program.commands.flatMap((command) => listCompletions(command, `${words} ${command.name()}`.trim()));
  return [own, ...below];
}
