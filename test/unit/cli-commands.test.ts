import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { listCommands, nameCommand } from '../../src/cli/help/describe-commands.js';
import { createTestProgram } from '../support/commands/create-test-program.js';

const folder = join(import.meta.dirname, '..', '..', 'src', 'cli');
/** They run on, or their answer is of another form. */
const WITHOUT_JSON =
  /^popstash( (completion|dashboard|export|guard( .*)?|hook|mcp|reader|serve|statusline|tokens|worker|projects))?$/;

test('every file of src/cli, in whatever folder, that defines a command is in the list', () => {
  const defined = readdirSync(folder, { encoding: 'utf8', recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/^export const (\w+): AddCommand\b/gm)].map(
        ([, name]) => name,
      ),
    );
  expect(defined.length).toBeGreaterThan(10);
  expect(commands.map(({ name }) => name).sort()).toEqual(defined.sort());
});

test('every command of the list is in popstash --help, with what it does', () => {
  const program = createTestProgram();
  expect(program.commands).toHaveLength(commands.length);
  const help = program.helpInformation();
  for (const command of program.commands) {
    expect(help).toMatch(new RegExp(`^  ${command.name()}\\b`, 'm'));
    expect(command.description(), command.name()).not.toBe('');
  }
});

describe('the help of every command', () => {
  const all = listCommands(createTestProgram()).slice(1);

  test.each(all.map((command) => [nameCommand(command), command] as const))('%s', (name, command) => {
    let help = '';
    command.configureOutput({
      writeOut: (text) => {
        help += text;
      },
    });
    command.outputHelp();
    expect(help).toMatch(/^Examples?:\n {2}\S/m);
    expect(help).toMatch(/^Exit codes: 0 .*\b[12] \w/m);
    if (!WITHOUT_JSON.test(name)) expect(help).toMatch(/^ {2}--json /m);
  });
});
