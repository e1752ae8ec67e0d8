import { styleText } from 'node:util';
import type { Command, Help, HelpConfiguration } from 'commander';
import { firstClause } from './first-clause.js';

const INDENT = '  ';
const GAP = '  ';
/** A description below its term. */
const BELOW = '      ';

/** How --help looks: a line for each command, and on a narrow terminal descriptions below their terms. */
export const helpLayout: HelpConfiguration = {
  styleTitle: (title) => styleText('bold', title, { validateStream: false }),
  subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(nameArgument)].join(' '),
  subcommandDescription: (command) => firstClause(command.description()),
  formatItem,
};

function nameArgument(argument: Command['registeredArguments'][number]): string {
  const word = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${word}>` : `[${word}]`;
}

function formatItem(term: string, termWidth: number, description: string, help: Help): string {
  if (description === '') return `${INDENT}${term}`;
  const width = help.helpWidth ?? Number.POSITIVE_INFINITY;
  const column = INDENT.length + termWidth + GAP.length;
  // What does not fit is folded by what writes it, below a column that begins in the left half.
  if (column > width / 2) return `${INDENT}${term}\n${BELOW}${description}`;
  const lines = help.boxWrap(description, width - column).split('\n');
  return `${INDENT}${term.padEnd(termWidth + term.length - help.displayWidth(term))}${GAP}${lines.join(`\n${' '.repeat(column)}`)}`;
}
