// What others call their things reaches a terminal as text: no command hands on what a terminal would obey.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { createTestProgram } from '../support/commands/create-test-program.js';
import { type HookedClient, startHookedClient } from '../support/processes/hooked-client.js';
import { runCommand } from '../support/processes/processes.js';
import type { EnvironmentChange } from '../support/setup/environment.js';
import { createDataFolder, createFolder } from '../support/setup/folders.js';
import { createRepository } from '../support/setup/repositories.js';

/** CSI, OSC 8, C1, an override of direction, a bell, and a carriage return. */
const EVIL = 'x\u001b[31mred\u001b]8;;http://evil\u0007link\u009b2J\u202ereversed\u2066\u0008\rOVER';
/** What locks may be called: they take no control characters. */
const EVIL_PATH = 'src/x\u202e\u2066\u200b.ts';
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for.
const OBEYED = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

let env: EnvironmentChange;
let project: string;
let client: HookedClient;
let stash: string;
let insight: string;

beforeAll(async () => {
  const home = createFolder();
  env = { POPSTASH_DATA_DIR: createDataFolder(), HOME: home, FORCE_COLOR: undefined };
  project = createRepository(join(createFolder(), 'p\u001b[31m\u202e\u009b2J'));
  // A file of a client that holds such characters, for the diff of init.
  mkdirSync(join(project, '.claude'));
  writeFileSync(join(project, '.claude/settings.json'), `{\n  // ${EVIL.replaceAll('\r', '')}\n}\n`);
  writeFileSync(join(project, 'CLAUDE.md'), `${EVIL}\n`);
  client = await startHookedClient({ env, cwd: project, name: EVIL });
  await client.call('start_task', { task: EVIL.replaceAll('\r', ''), files: [EVIL_PATH] });
  stash = (
    await client.call<{ stash_id: string }>('stash', {
      name: 'wip',
      summary: `${EVIL}\n${EVIL}`,
      files: [EVIL.replaceAll('\r', '')],
    })
  ).stash_id;
  insight = (
    await client.call<{ insight_id: string }>('insight', { key: 'k', content: `tokens ${EVIL}`, tags: ['t\u202e'] })
  ).insight_id;
  await client.call('decide', { topic: 't\u001b[1m', decision: EVIL, reasoning: EVIL });
  await client.call('announce', { message: EVIL });
  await client.call('report_cost', { model: 'm\u001b[31m', tokens_in: 1, tokens_out: 1 }).catch(() => undefined);
  await client.hook('prompt-submit', { prompt: EVIL });
});

const run = (...args: string[]) => runCommand(args, { env, cwd: project });
const COMMANDS: Record<string, () => string[]> = {
  up: () => ['up'],
  status: () => ['status'],
  logs: () => ['logs'],
  locks: () => ['locks'],
  'locks release': () => ['locks', 'release', 'src', `src/${EVIL.slice(0, 5)}`, '--force', '--reason', EVIL],
  search: () => ['search', 'tokens'],
  list: () => ['list'],
  'show, with its versions': () => ['show', stash, '--history'],
  show: () => ['show', insight],
  'show of nothing': () => ['show', EVIL],
  forget: () => ['forget', insight, '--reason', EVIL],
  projects: () => ['projects'],
  'projects show': () => ['projects', 'show'],
  'projects rename': () => ['projects', 'rename', '.', EVIL.slice(0, 60)],
  'projects of nothing': () => ['projects', 'show', EVIL],
  timeline: () => ['timeline', '--limit', '100'],
  costs: () => ['costs'],
  'costs by task': () => ['costs', '--by', 'task'],
  'costs audit': () => ['costs', 'audit'],
  init: () => ['init', '--yes', '--client', 'claude'],
  'init --undo': () => ['init', '--undo', '--yes'],
  doctor: () => ['doctor'],
  import: () => ['import', '--dry-run'],
  guard: () => ['guard', 'pre-commit'],
  hook: () => ['hook', 'pre-tool-use'],
  backup: () => ['backup', join(createFolder(), `b${EVIL.slice(0, 8)}`)],
  'restore-backup': () => ['restore-backup', `/nowhere/${EVIL}`],
  version: () => ['version'],
  eval: () => ['eval', EVIL],
  'an unknown command': () => [EVIL],
};

describe('no command hands on what a terminal would obey', () => {
  test.each(Object.entries(COMMANDS))('%s', async (name, args) => {
    const { stdout, stderr } = await run(...args());
    expect(`${stdout}${stderr}`).not.toMatch(OBEYED);
    if (['list', 'timeline', 'show', 'status'].includes(name)) expect(stdout).toContain('\\u001b[31m');
  });

  test('each command of the list was tried, but for those that run on', () => {
    const program = createTestProgram();
    expect(program.commands).toHaveLength(commands.length);
    const tried = new Set(Object.values(COMMANDS).map((args) => args()[0]));
    const left = program.commands.map((command) => command.name()).filter((name) => !tried.has(name));
    expect(left.sort()).toEqual([
      'completion',
      'dashboard',
      'down',
      'edit',
      'export',
      'mcp',
      'migrate',
      'reader',
      'restore',
      'serve',
      'statusline',
      'tokens',
      'uninstall',
      'worker',
    ]);
  });
});

test('in colour the styles are ours alone', async () => {
  const { stdout } = await runCommand(['show', stash], { env: { ...env, FORCE_COLOR: '1' }, cwd: project });
  expect(stdout).toContain('\u001b[1m');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the styles of paint.ts.
  expect(stdout.replace(/\u001b\[(?:1|2|22)m/g, '')).not.toMatch(OBEYED);
  expect(stdout).toContain('\\u001b[31m');
});

test('JSON keeps its value, and a text for a file is exact', async () => {
  const shown = JSON.parse((await run('show', stash, '--json')).stdout);
  expect(shown.record.text).toBe(`${EVIL}\n${EVIL}`);
  const listed = JSON.parse((await run('locks', '--json')).stdout);
  expect(listed.locks.map(({ pattern }: { pattern: string }) => pattern)).toEqual([EVIL_PATH]);
  expect((await run('edit', stash, '--print')).stdout).toContain(`${EVIL}\n${EVIL}`);
  expect((await run('export')).stdout).toContain(JSON.stringify(EVIL).slice(1, -1));
});
