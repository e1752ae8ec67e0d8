// Set-ups that look installed and deny nothing, by what clients read in their settings. Those of Claude Code were seen with the
// program itself to let an edit pass. Beside them stand set-ups that look broken and are not.
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { claudeCode } from '../../../src/hooks/clients/claude-code.js';
import { findHooks } from '../../../src/hooks/doctor/find-hooks.js';
import { CLAUDE, CLINE, CURSOR, createSetUp, type SetUp } from '../../support/processes/doctor-set-up.js';
import { createDataFolder, createFolder, MAIN } from '../../support/setup/folders.js';
import { trialCases } from '../../support/setup/trial.js';

const dataFolder = createDataFolder();
const LOCAL = '.claude/settings.local.json';
const SERVERS = '.mcp.json';

interface Settings {
  hooks: { PreToolUse: { matcher?: unknown; hooks: unknown }[] };
}

const changeJson =
  <T extends object>(path: string, change: (content: T) => object) =>
  ({ edit }: SetUp) =>
    edit(path, (text) => JSON.stringify(change(JSON.parse(text) as T)));
const changeText =
  (path: string, what: string | RegExp, by: string) =>
  ({ edit }: SetUp) =>
    edit(path, (text) => (typeof what === 'string' ? text.replaceAll(what, by) : text.replace(what, by)));
const addTop = (path: string, fields: object) => changeJson(path, (content) => ({ ...content, ...fields }));
/** Adds fields to the hook that Claude Code runs before a tool. */
const addToHook = (fields: object) =>
  changeJson<Settings>(CLAUDE, (settings) => {
    for (const group of settings.hooks.PreToolUse) Object.assign((group.hooks as object[])[0] ?? {}, fields);
    return settings;
  });
const changeServer = (fields: object) =>
  changeJson<{ mcpServers: { popstash: { env?: object } } }>(SERVERS, ({ mcpServers: { popstash } }) => ({
    mcpServers: { popstash: { ...popstash, ...fields } },
  }));

/** A program that is called node and can't run PopStash. */
function createOldNode(): string {
  const path = join(createFolder(), 'node');
  writeFileSync(path, '#!/bin/sh\necho "SyntaxError: Unexpected token" >&2\nexit 1\n', { mode: 0o755 });
  return path;
}

const claudeSetUps: readonly [string, (setUp: SetUp) => unknown][] = [
  ['a comment in the settings', changeText(CLAUDE, /^/, '// ours\n')],
  ['a comma at the end', changeText(CLAUDE, /\}\s*$/, ',}')],
  ['an off switch that is no truth value', addTop(CLAUDE, { disableAllHooks: 'true' })],
  ['an empty file', ({ write }) => write(CLAUDE, '')],
  ['a hook in the background', addToHook({ async: true })],
  ['a hook under a condition', addToHook({ if: 'Edit(docs/**)' })],
  ['a hook of another type', addToHook({ type: 'prompt' })],
  ['a hook without a type', addToHook({ type: undefined })],
  ['a hook for a shell that is not there', addToHook({ shell: 'powershell' })],
  ['a time-out shorter than the verdict takes', addToHook({ timeout: 0.05 })],
  ['a time-out that is no number', addToHook({ timeout: '10' })],
  [
    'a hook outside of a group',
    changeJson<Settings>(CLAUDE, ({ hooks }) => ({ hooks: { ...hooks, PreToolUse: hooks.PreToolUse[0]?.hooks } })),
  ],
  [
    'a malformed group beside ours',
    changeJson<Settings>(CLAUDE, ({ hooks }) => ({
      hooks: { ...hooks, PreToolUse: [...hooks.PreToolUse, { hooks: 'lint.sh' }] },
    })),
  ],
  ['a matcher in another case', changeText(CLAUDE, 'Edit', 'edit')],
  ['a matcher that is no expression', changeText(CLAUDE, '^(Edit', '^((Edit')],
  ['the guard off in the settings', addTop(CLAUDE, { env: { POPSTASH_GUARD: 'off' } })],
  ['the guard off in the local settings', ({ write }) => write(LOCAL, '{"env":{"POPSTASH_GUARD":"off"}}')],
  ['the guard off in the home folder', ({ writeHome }) => writeHome(CLAUDE, '{"env":{"POPSTASH_GUARD":"off"}}')],
  [
    'a node that can not run it',
    (setUp) =>
      changeText(CLAUDE, /[^"]*\/bin\/popstash hook/g, `${createOldNode()} ${join(dirname(MAIN), 'hook.cjs')}`)(setUp),
  ],
  [
    'a link that leads nowhere',
    ({ folder }) => {
      unlinkSync(join(folder, CLAUDE));
      symlinkSync('/gone/settings.json', join(folder, CLAUDE));
    },
  ],
  [
    'a folder in the place of the file',
    ({ folder }) => {
      rmSync(join(folder, CLAUDE));
      mkdirSync(join(folder, CLAUDE));
    },
  ],
  ['the file in another folder', ({ folder }) => renameSync(join(folder, '.claude'), join(folder, 'claude'))],
  [
    'a server with another data folder than its hooks',
    (setUp) => changeServer({ env: { POPSTASH_DATA_DIR: createDataFolder() } })(setUp),
  ],
  ['a server of another kind', changeServer({ type: 'http' })],
  ['a server file with comments', changeText(SERVERS, /^/, '// ours\n')],
  ['a server that the settings disable', ({ write }) => write(LOCAL, '{"disabledMcpjsonServers":["popstash"]}')],
  ['tools that the settings deny', ({ write }) => write(LOCAL, '{"permissions":{"deny":["mcp__popstash"]}}')],
];

test.each(trialCases(claudeSetUps, 4, () => 'claude'))('Claude Code: %s is broken', async (_what, breakIt) => {
  const setUp = await createSetUp(dataFolder, 'claude');
  await breakIt(setUp);
  const { states, details } = await setUp.prove('.', 'claude deny');
  expect(states['claude deny'], details['claude deny']).toBe('broken');
});

const otherSetUps: readonly [string, string, (setUp: SetUp) => unknown][] = [
  ['cursor', 'a time-out shorter than the verdict takes', changeText(CURSOR, /"timeout": 10/g, '"timeout": 0.1')],
  ['cursor', 'a brace that is missing', changeText(CURSOR, /\}\s*$/, '')],
  ['cursor', "the event's name of another client", changeText(CURSOR, '"preToolUse"', '"PreToolUse"')],
  ['cline', 'a script with a suffix', ({ folder }) => renameSync(join(folder, CLINE), join(folder, `${CLINE}.sh`))],
  ['cline', 'a script that ends before', changeText(CLINE, '#!/bin/sh\n', '#!/bin/sh\nexit 0\n')],
  [
    'cline',
    'a server that is disabled',
    ({ writeHome }) => {
      const popstash = { command: process.execPath, args: ['main.js', 'mcp'], disabled: true };
      writeHome('.cline/data/settings/cline_mcp_settings.json', JSON.stringify({ mcpServers: { popstash } }));
    },
  ],
];

test.each(trialCases(otherSetUps, 4, ([client]) => client))('%s: %s is broken', async (client, _what, breakIt) => {
  const setUp = await createSetUp(dataFolder, client);
  await breakIt(setUp);
  const { states, details } = await setUp.prove('.', `${client} deny`);
  expect(states[`${client} deny`], details[`${client} deny`]).toBe('broken');
});

const sound: readonly [string, (setUp: SetUp) => unknown][] = [
  [
    "the guard off for the server alone: hooks don't see it",
    changeServer({ env: { POPSTASH_DATA_DIR: dataFolder, POPSTASH_GUARD: 'off' } }),
  ],
  [
    'a project that the server alone names: hooks find their agent',
    changeServer({ env: { POPSTASH_DATA_DIR: dataFolder, POPSTASH_PROJECT: 'elsewhere' } }),
  ],
  [
    'switched off in the home folder, and on in the project',
    (setUp) => {
      setUp.writeHome(CLAUDE, '{"disableAllHooks":true,"env":{"POPSTASH_GUARD":"off"}}');
      addTop(CLAUDE, { disableAllHooks: false, env: { POPSTASH_GUARD: 'advisory' } })(setUp);
    },
  ],
  [
    'a file of the user that Claude Code takes for nothing',
    ({ writeHome }) => writeHome(CLAUDE, '// {"disableAllHooks":true}'),
  ],
  [
    'a stale hook of the user besides',
    (setUp) => {
      const stale = { type: 'command', command: '/gone/node /gone/popstash/hook.cjs pre-tool-use' };
      setUp.writeHome(CLAUDE, JSON.stringify({ hooks: { PreToolUse: [{ matcher: 'Edit', hooks: [stale] }] } }));
    },
  ],
  ['a matcher that is a part of an expression', changeText(CLAUDE, /"\^\(Edit[^"]*"/, '"^Ed|^start_task"')],
  ['a list with spaces', changeText(CLAUDE, /"\^\(Edit[^"]*"/, '"Bash, Edit, Write"')],
  ['a malformed hook of another event', changeText(CLAUDE, '"hooks": {', '"hooks": {"Stopped": [{"hooks": 1}],')],
];

test.each(trialCases(sound, 3, () => 'claude'))('Claude Code: %s is ok', async (_what, changeIt) => {
  const setUp = await createSetUp(dataFolder, 'claude');
  await changeIt(setUp);
  const { states, details } = await setUp.prove('.', 'claude deny');
  expect(states['claude deny'], details['claude deny']).toBe('ok');
});

test('hooks that an organisation allows to itself alone are no hooks of ours', async () => {
  const { folder, env, write } = await createSetUp(dataFolder, 'claude');
  write('managed.json', '{"allowManagedHooksOnly":true}');
  const path = join(folder, 'managed.json');
  const places = { folder, home: env.HOME ?? '', variables: env };
  const client = {
    ...claudeCode,
    hookSources: () => {
      const sources = claudeCode.hookSources(places);
      return { ...sources, paths: [...sources.paths, path], onlyOwn: { path, field: 'allowManagedHooksOnly' } };
    },
  };
  expect(findHooks(client, 'pre-tool-use', places)).toMatchObject({
    hooks: [],
    faults: [expect.stringContaining('switches off all hooks but its own')],
  });
});
