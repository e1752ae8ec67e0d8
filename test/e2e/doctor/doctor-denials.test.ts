// What `popstash doctor` proves: the very commands in clients' files and in git's hooks, in set-ups that look installed
// and check nothing. No broken set-up may be called ok.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALL_CLIENTS, CLAUDE, CLINE, CURSOR, createSetUp, type SetUp } from '../../support/processes/doctor-set-up.js';
import { runCommand } from '../../support/processes/processes.js';
import { childEnvironment } from '../../support/setup/environment.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';
import { trialCases } from '../../support/setup/trial.js';

const dataFolder = createDataFolder();

const OK = {
  'claude deny': 'ok',
  'cursor deny': 'ok',
  'cline deny': 'ok',
  'commit deny': 'ok',
  'merge deny': 'ok',
  'refs deny': 'ok',
  'push deny': 'ok',
};

test('what init wrote denies, by each client and by git, with the time that it took', async () => {
  const { prove } = await createSetUp(dataFolder);
  const { states, details } = await prove();
  expect(states).toEqual(OK);
  for (const detail of Object.values(details)) expect(detail).toMatch(/^DENIED in \d+ ms, by the command in [.\w/-]+$/);
});

test('nothing installed is broken, not a warning', async () => {
  const env = childEnvironment({ HOME: createFolder(), POPSTASH_DATA_DIR: dataFolder });
  const folder = realpathSync(createFolder());
  execFileSync('git', ['init', '-q', folder]);
  const { code, stdout } = await runCommand(['doctor'], { cwd: folder, env });
  expect(code).toBe(1);
  expect(stdout).toMatch(/BROKEN +deny +no client/);
  expect(stdout).toMatch(/BROKEN +commit deny/);
});

const broken: readonly [string, string, (setUp: SetUp) => unknown][] = [
  ['hooks deleted', 'claude deny', ({ folder }) => rmSync(join(folder, CLAUDE))],
  [
    'the hook before tools deleted',
    'claude deny',
    ({ edit }) => edit(CLAUDE, (text) => text.replace('"PreToolUse"', '"X"')),
  ],
  [
    'all hooks switched off',
    'claude deny',
    ({ edit }) => edit(CLAUDE, (text) => text.replace('{', '{"disableAllHooks":true,')),
  ],
  [
    'switched off in the local file',
    'claude deny',
    ({ write }) => write('.claude/settings.local.json', '{"disableAllHooks":true}'),
  ],
  ['switched off in the home folder', 'claude deny', ({ writeHome }) => writeHome(CLAUDE, '{"disableAllHooks":true}')],
  [
    'a matcher without edits',
    'claude deny',
    ({ edit }) => edit(CLAUDE, (text) => text.replaceAll(/Edit\|Write\|MultiEdit\|NotebookEdit\|/g, '')),
  ],
  ['settings that are no JSON', 'claude deny', ({ edit }) => edit(CLAUDE, (text) => `${text}}`)],
  [
    'a launcher that is gone',
    'claude deny',
    ({ edit }) => edit(CLAUDE, (text) => text.replaceAll('/bin/popstash', '/gone/popstash')),
  ],
  [
    'a script that is gone',
    'claude deny',
    ({ edit }) => edit(CLAUDE, (text) => text.replaceAll('/popstash hook ', '/gone-popstash hook ')),
  ],
  [
    'another data folder in the hook',
    'claude deny',
    ({ edit }) => edit(CLAUDE, (text) => text.replaceAll(/--data-dir [^ "]+/g, '--data-dir /tmp/elsewhere')),
  ],
  [
    'a hook that the user silenced',
    'claude deny',
    ({ edit }) => edit(CLAUDE, (text) => text.replaceAll(/(popstash hook pre-tool-use[^"]*)"/g, '$1 >/dev/null"')),
  ],
  [
    'a server entry that does not start',
    'claude deny',
    ({ edit }) => edit('.mcp.json', (text) => text.replaceAll('/bin/popstash', '/gone/popstash')),
  ],
  [
    'the hook before tools deleted',
    'cursor deny',
    ({ edit }) => edit(CURSOR, (text) => text.replace('"preToolUse"', '"x"')),
  ],
  [
    'a hook for another client',
    'cursor deny',
    ({ edit }) => edit(CURSOR, (text) => text.replaceAll('--client cursor', '--client cline')),
  ],
  ['a script without its run bit', 'cline deny', ({ folder }) => chmodSync(join(folder, CLINE), 0o644)],
  ['an empty script', 'cline deny', ({ folder }) => writeFileSync(join(folder, CLINE), '#!/bin/sh\n')],
  [
    'a git hook without its run bit',
    'commit deny',
    ({ folder }) => chmodSync(join(folder, '.git/hooks/pre-commit'), 0o644),
  ],
  [
    'a git hook that another program wrote over',
    'commit deny',
    ({ folder }) => writeFileSync(join(folder, '.git/hooks/pre-commit'), '#!/bin/sh\n'),
  ],
  [
    'a git hook whose program is gone',
    'commit deny',
    ({ edit }) => edit('.git/hooks/pre-commit', (text) => text.replaceAll('/bin/popstash', '/gone/popstash')),
  ],
  [
    'the hook of all commits without its run bit',
    'refs deny',
    ({ folder }) => chmodSync(join(folder, '.git/hooks/reference-transaction'), 0o644),
  ],
  [
    'the hook of all commits whose program is gone',
    'refs deny',
    ({ edit }) =>
      edit('.git/hooks/reference-transaction', (text) => text.replaceAll('/bin/popstash', '/gone/popstash')),
  ],
  ['the hook of merges deleted', 'merge deny', ({ folder }) => rmSync(join(folder, '.git/hooks/pre-merge-commit'))],
  [
    'the hook of pushes whose program is gone',
    'push deny',
    ({ edit }) => edit('.git/hooks/pre-push', (text) => text.replaceAll('/bin/popstash', '/gone/popstash')),
  ],
  [
    'a hook of pushes that swallows what git says',
    'push deny',
    ({ edit }) => edit('.git/hooks/pre-push', (text) => text.replace('\n', '\ncat > /dev/null\n')),
  ],
  ['the hook of pushes deleted', 'push deny', ({ folder }) => rmSync(join(folder, '.git/hooks/pre-push'))],
  [
    'hooks of git in another folder',
    'commit deny',
    ({ folder }) => execFileSync('git', ['-C', folder, 'config', 'core.hooksPath', 'elsewhere']),
  ],
  [
    'a git hook that ends before the guard',
    'commit deny',
    ({ edit }) => edit('.git/hooks/pre-commit', (text) => text.replace('\n', '\nexit 0\n')),
  ],
  [
    'a guard in a comment',
    'commit deny',
    ({ edit }) => edit('.git/hooks/pre-commit', (text) => text.replace('\nif ', '\n# if ')),
  ],
  [
    'a git hook whose interpreter is gone',
    'commit deny',
    ({ edit }) => edit('.git/hooks/pre-commit', (text) => text.replace('#!/bin/sh', '#!/gone/sh')),
  ],
  [
    'a git hook with the line ends of Windows',
    'commit deny',
    ({ edit }) => edit('.git/hooks/pre-commit', (text) => text.replaceAll('\n', '\r\n')),
  ],
  [
    'a guard of another data folder',
    'commit deny',
    ({ edit }) =>
      edit('.git/hooks/pre-commit', (text) => text.replaceAll(/--data-dir [^ ]+/g, '--data-dir /tmp/elsewhere')),
  ],
];

test.each(trialCases(broken, 4, ([, name]) => name))('%s: %s is broken', async (_what, name, breakIt) => {
  // Proofs of other clients would only take time.
  const [client = ''] = name.split(' ');
  const setUp = await createSetUp(dataFolder, ALL_CLIENTS.split(',').includes(client) ? client : ALL_CLIENTS);
  breakIt(setUp);
  const { states } = await setUp.prove('.', name);
  expect(states[name]).toBe('broken');
});

test("hooks of git that the user's settings switch off are broken", async () => {
  const { folder, env, writeHome } = await createSetUp(dataFolder);
  writeHome('.gitconfig', '[core]\n\thooksPath = /dev/null\n');
  const { code, stdout } = await runCommand(['doctor', '--json'], { cwd: folder, env });
  expect(code).toBe(1);
  expect(JSON.parse(stdout).checks).toContainEqual(expect.objectContaining({ name: 'commit deny', state: 'broken' }));
});

test('a client that is opened in a subfolder reads no hooks above it; those of the home folder it does', async () => {
  const { folder, env, prove } = await createSetUp(dataFolder);
  mkdirSync(join(folder, 'packages/a'), { recursive: true });
  const { states, details } = await prove('packages/a');
  expect(states['claude deny']).toBe('broken');
  expect(details['claude deny']).toContain('does not read the hooks of');
  const { code } = await runCommand(['init', '--user', '--client', ALL_CLIENTS, '--yes'], { cwd: folder, env });
  expect(code).toBe(0);
  expect((await prove('packages/a')).states).toEqual(OK);
});
