// The commands that the documents name, run as they are written, in one project, with real values for what stands in
// capitals. Those that are not run are listed with the reason.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, expect, test } from 'vitest';
import { createTestProgram } from '../../support/commands/create-test-program.js';
import { connectClient } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import { listDocumentedCommands, readPopstashWords } from '../../support/setup/documented-commands.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';
import { createRepository } from '../../support/setup/repositories.js';

/** By their first words. */
const NOT_RUN: Readonly<Record<string, string>> = {
  dashboard: 'runs on; dashboard-command.test.ts',
  'doctor --fix': 'damaged-store.test.ts',
  doctor: 'proves each client, in init-doctor.test.ts',
  down: 'ends the server of the others; local-server.test.ts',
  edit: 'opens an editor; memory/edit.test.ts',
  eval: 'needs a set of questions; eval.test.ts',
  guard: 'run by git; guard-commits.test.ts',
  hook: 'run by clients; hooks.test.ts',
  init: 'changes the project; test/e2e/init',
  'locks release': 'needs a held file; coordination tests',
  mcp: 'runs on; every test of tools',
  migrate: 'needs a database; database-faults.test.ts',
  'projects forget': 'test/e2e/projects',
  'projects link': 'test/e2e/projects',
  'projects merge': 'test/e2e/projects',
  reader: 'runs on; usage-reading.test.ts',
  'restore-backup': 'ends the server of the others; test/e2e/memory',
  serve: 'runs on; local-server.test.ts',
  'status --watch': 'runs on; live-commands.test.ts',
  'timeline --follow': 'runs on; costs-command.test.ts',
  'logs --follow': 'runs on; live-commands.test.ts',
  tokens: 'needs a database',
  uninstall: 'changes the project; test/e2e/init',
  worker: 'runs on; trials',
};

let env: EnvironmentChange;
let project: string;
let values: Readonly<Record<string, string>>;

beforeAll(async () => {
  env = { POPSTASH_DATA_DIR: createDataFolder() };
  project = createRepository(createFolder());
  const client = await connectClient({ env, cwd: project });
  const call = <T>(tool: string, args: object) => client.call<T>(tool, args as Record<string, unknown>);
  const { stash_id: id } = await call<{ stash_id: string }>('stash', { name: 'wip', summary: 'how tokens live' });
  await call('forget', { id: (await call<{ stash_id: string }>('stash', { name: 'gone', summary: 'x' })).stash_id });
  const exported = join(createFolder(), 'memory.jsonl');
  writeFileSync(exported, (await runCommand(['export'], { env, cwd: project })).stdout);
  values = {
    ID: id,
    QUERY: 'tokens',
    KEY: 'model',
    TIME: '7d',
    T: '7d',
    K: 'stash',
    A: 'Maple',
    FILE: exported,
    'memory.jsonl': exported,
    PATH: exported,
    FORMAT: 'popstash',
    COUNT: '5',
    LEVEL: 'warn',
    SHELL: 'bash',
    PROJECT: '.',
    NAME: 'Shop',
    FOLDER: join(createFolder(), 'backup'),
  };
});

function isLeftOut(words: readonly string[]): boolean {
  return Object.keys(NOT_RUN).some((name) => {
    const named = name.split(' ');
    return named.every((word) => words.includes(word)) && words[0] === named[0];
  });
}

const program = createTestProgram();

const texts = [...new Set(listDocumentedCommands().map(({ text }) => readPopstashWords(text)?.join('\0') ?? ''))];
const commands = texts.map((text) => text.split('\0')).filter(([first = '']) => first !== '' && !/^[A-Z]/.test(first));
// Without a path, import looks for an export in the project, which has none.
const isRun = (words: readonly string[]) =>
  words.join(' ') !== 'import' && !isLeftOut(words) && words[0] !== 'restore' && isWhole(program, words);

/** A sentence may name a command without the arguments that it needs. */
function isWhole(command: Command, [word = '', ...rest]: readonly string[]): boolean {
  const subcommand = command.commands.find((each) => each.name() === word);
  if (subcommand) return isWhole(subcommand, rest);
  const words = [word, ...rest].filter((each) => each !== '');
  const takesMore = command.options.some(({ long, required }) => required && long === words.at(-1));
  const needed = command.registeredArguments.filter(({ required }) => required).length;
  return !takesMore && words.filter((each) => !each.startsWith('-')).length >= needed;
}

test.concurrent.each(commands.filter(isRun).map((words) => [words.join(' '), words] as const))(
  'popstash %s',
  async (_text, words) => {
    const given = words.map((word) => values[word] ?? word);
    const { code, stderr } = await runCommand(given, { env, cwd: project });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(/^popstash:/m) });
  },
);

test('what is left out is named in a document', () => {
  const unused = Object.keys(NOT_RUN).filter((name) => !commands.some((words) => name.split(' ')[0] === words[0]));
  expect(unused.filter((name) => !/^(tokens|uninstall)$/.test(name))).toEqual([]);
});
