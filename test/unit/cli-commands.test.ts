import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { createProgram } from '../../src/cli/program.js';

const folder = join(import.meta.dirname, '..', '..', 'src', 'cli');

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
  const program = createProgram({
    env: {},
    script: '',
    width: 80,
    isColoured: false,
    write: () => undefined,
    word: (text) => text,
    writeText: () => undefined,
  });
  expect(program.commands).toHaveLength(commands.length);
  const help = program.helpInformation();
  for (const command of program.commands) {
    expect(help).toMatch(new RegExp(`^  ${command.name()}\\b`, 'm'));
    expect(command.description(), command.name()).not.toBe('');
  }
});
