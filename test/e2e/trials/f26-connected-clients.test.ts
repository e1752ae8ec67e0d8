// F26: real clients, connected by `popstash init` alone and driven by a scripted model: PopStash's tools are listed, a task
// begins, the edit of a held file is denied with words that the model reads, and uninstall leaves no trace.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLAUDE_CODE, runClaude } from '../../support/clients/claude-code.js';
import { CODEX, runCodex, writeCodexSettings } from '../../support/clients/codex.js';
import type { ClientPackage } from '../../support/clients/install-client.js';
import type { ModelStep, ToolUse } from '../../support/clients/model-script.js';
import { OPENCODE, runOpencode, writeOpencodeSettings } from '../../support/clients/opencode.js';
import {
  CLINE,
  COPILOT,
  GEMINI_CLI,
  runCline,
  runCopilot,
  runGemini,
  writeClineSettings,
  writeGeminiSettings,
} from '../../support/clients/other-clients.js';
import { createUserMachine, type UserMachine, useClient } from '../../support/clients/real-client.js';
import { runProgram } from '../../support/clients/run-program.js';
import { type ScriptedModel, startScriptedModel } from '../../support/clients/scripted-model.js';
import { startHookedClient } from '../../support/processes/hooked-client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createFolder, MAIN } from '../../support/setup/folders.js';
import { ROOT } from '../../support/setup/repository-files.js';

const TIMEOUT_MS = 10 * 60_000;
const TASK = 'Mine until further notice';

/** Another agent that holds a.ts. */
async function holdFile({ env, project }: UserMachine): Promise<void> {
  const holder = await startHookedClient({ env, cwd: project });
  await holder.call('start_task', { task: TASK, files: ['a.ts'] });
}

/** Every file of the project but git's own objects and what a client puts there by itself. */
function readProject(project: string): Record<string, string> {
  const paths = readdirSync(project, { recursive: true, encoding: 'utf8' }).filter(
    (path) =>
      (!path.startsWith('.git/') || /^\.git\/(hooks|info|popstash|config)/.test(path)) &&
      // opencode puts packages for plugins there.
      !/^\.opencode(?!\/plugins\/)/.test(path),
  );
  return Object.fromEntries(
    paths.map((path) => [
      path,
      statSync(join(project, path)).isFile() ? readFileSync(join(project, path), 'utf8') : '',
    ]),
  );
}

/** What the model was sent in all, with quotes as they were written. */
function textOf(model: ScriptedModel): string {
  return JSON.stringify(model.requests.map(({ body }) => body))
    .replaceAll('\\\\"', '"')
    .replaceAll('\\"', '"');
}

/** A change of a file in the form of `apply_patch`. */
const patchOf = (file: string) =>
  `*** Begin Patch\n*** Update File: ${file}\n@@\n-export const a = 1;\n+export const a = 2;\n*** End Patch`;

const use = (...tools: ToolUse[]): ModelStep => ({ tools });

async function connect(machine: UserMachine, client: string): Promise<Record<string, string>> {
  const before = readProject(machine.project);
  const init = await runCommand(['init', '--client', client, '--yes'], { env: machine.env, cwd: machine.project });
  expect([init.code, init.stderr]).toEqual([0, '']);
  // A client may end what it has started, the local server too.
  await runCommand(['up'], { env: machine.env, cwd: machine.project });
  return before;
}

async function disconnect(machine: UserMachine, before: Record<string, string>): Promise<void> {
  const { code } = await runCommand(['uninstall', '--yes'], { env: machine.env, cwd: machine.project });
  expect(code).toBe(0);
  expect(readProject(machine.project)).toEqual(before);
}

test('Codex', { timeout: TIMEOUT_MS }, async ({ skip }) => {
  const command = await useClient(skip, CODEX);
  const machine = createUserMachine();
  const patch = (file: string) => ({
    name: 'exec_command',
    input: { cmd: `apply_patch <<'EOF'\n${patchOf(file)}\nEOF` },
  });
  writeFileSync(join(machine.project, 'b.ts'), 'export const a = 1;\n');
  const model = await startScriptedModel({
    steps: [
      use({ namespace: 'mcp__popstash', name: 'start_task', input: { task: 'Try it' } }),
      use(patch('a.ts')),
      use(patch('b.ts')),
      { text: 'Done.' },
    ],
  });
  writeCodexSettings(machine, model.url);
  const before = await connect(machine, 'codex');
  await holdFile(machine);
  await runCodex(command, machine, 'Please work.', { more: ['--dangerously-bypass-hook-trust'] });
  const text = textOf(model);
  expect(text).toContain('mcp__popstash');
  expect(text).toContain('agent_id');
  expect(text).toContain('a.ts is held by');
  expect(text).toContain(TASK);
  expect(readFileSync(join(machine.project, 'a.ts'), 'utf8')).toBe('export const a = 1;\n');
  expect(readFileSync(join(machine.project, 'b.ts'), 'utf8')).toBe('export const a = 2;\n');
  writeFileSync(join(machine.project, 'b.ts'), 'export const a = 1;\n');
  await disconnect(machine, before);
});

test('opencode', { timeout: TIMEOUT_MS }, async ({ skip }) => {
  const command = await useClient(skip, OPENCODE);
  const machine = createUserMachine();
  const path = (name: string) => join(machine.project, name);
  writeFileSync(path('b.ts'), 'export const a = 1;\n');
  const edit = (name: string) => ({
    name: 'edit',
    input: { filePath: path(name), oldString: 'a = 1', newString: 'a = 2' },
  });
  const read = (name: string) => ({ name: 'read', input: { filePath: path(name) } });
  const model = await startScriptedModel({
    steps: [
      use({ name: 'popstash_start_task', input: { task: 'Try it' } }),
      use(read('a.ts')),
      use(edit('a.ts')),
      use(read('b.ts')),
      use(edit('b.ts')),
      { text: 'Done.' },
    ],
  });
  mkdirSync(join(machine.home, '.config'), { recursive: true });
  await writeOpencodeSettings(command, machine, model.url);
  const before = await connect(machine, 'opencode');
  await holdFile(machine);
  await runOpencode(command, machine, 'Please work.');
  const text = textOf(model);
  expect(text).toContain('popstash_start_task');
  expect(text).toContain('agent_id');
  expect(text).toContain('a.ts is held by');
  expect(readFileSync(path('a.ts'), 'utf8')).toBe('export const a = 1;\n');
  expect(readFileSync(path('b.ts'), 'utf8')).toBe('export const a = 2;\n');
  writeFileSync(path('b.ts'), 'export const a = 1;\n');
  await disconnect(machine, before);
});

/** A PATH with an `npx` that brings this build instead of the registry's. */
function pathWithNpx(): string {
  const folder = createFolder('ps-bin-');
  writeFileSync(join(folder, 'npx'), `#!/bin/sh\nshift 2\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(join(folder, 'npx'), 0o755);
  return `${folder}:${process.env.PATH ?? ''}`;
}

test('Claude Code, by its plugin', { timeout: TIMEOUT_MS }, async ({ skip }) => {
  const command = await useClient(skip, CLAUDE_CODE);
  const machine = createUserMachine();
  const { home, project } = machine;
  const env = { ...machine.env, PATH: pathWithNpx() };
  const path = (name: string) => join(project, name);
  writeFileSync(path('b.ts'), 'export const a = 1;\n');
  const edit = (name: string) => ({
    name: 'Edit',
    input: { file_path: path(name), old_string: 'a = 1', new_string: 'a = 2' },
  });
  const read = (name: string) => ({ name: 'Read', input: { file_path: path(name) } });
  const model = await startScriptedModel({
    steps: [
      use({ name: 'mcp__plugin_popstash_popstash__start_task', input: { task: 'Try it' } }),
      use(read('a.ts'), read('b.ts')),
      use(edit('a.ts')),
      use(edit('b.ts')),
      { text: 'Done.' },
    ],
  });
  const plugin = (...args: string[]) =>
    runProgram({ command, args: ['plugin', ...args], cwd: project, env: { ...env, DISABLE_AUTOUPDATER: '1' } });
  const before = readProject(project);
  await plugin('marketplace', 'add', ROOT);
  await plugin('install', 'popstash@popstash');
  await holdFile(machine);
  const more = ['--allowedTools', 'mcp__plugin_popstash_popstash__start_task'];
  await runClaude({
    command,
    prompt: 'Please work.',
    cwd: project,
    home,
    modelUrl: model.url,
    servers: null,
    more,
    env,
  });
  const text = textOf(model);
  expect(text).toContain('agent_id');
  expect(text).toContain('a.ts is held by');
  expect(readFileSync(path('a.ts'), 'utf8')).toBe('export const a = 1;\n');
  expect(readFileSync(path('b.ts'), 'utf8')).toBe('export const a = 2;\n');
  writeFileSync(path('b.ts'), 'export const a = 1;\n');

  // Beside what init writes, each edit is asked about once.
  const again = await startScriptedModel({ steps: [use(read('a.ts')), use(edit('a.ts')), { text: 'Done.' }] });
  await runCommand(['init', '--project', '--client', 'claude', '--yes'], { env: machine.env, cwd: project });
  await runClaude({ command, prompt: 'Go on.', cwd: project, home, modelUrl: again.url, servers: null, more, env });
  expect(textOf(again).split('a.ts is held by')).toHaveLength(2);

  await plugin('uninstall', 'popstash@popstash');
  await plugin('marketplace', 'remove', 'popstash');
  await disconnect(machine, before);
  const settings = join(home, '.claude', 'settings.json');
  if (existsSync(settings)) expect(readFileSync(settings, 'utf8')).not.toContain('popstash');
});

/** How a client is driven whose edit is one call. */
interface Driven {
  client: ClientPackage;
  /** By which init knows it. */
  name: string;
  startTask: string;
  /** A denied edit ends the run: the model reads no more. */
  endsWithDenial?: boolean;
  edit(path: string): ToolUse;
  prepare(command: string, machine: UserMachine, url: string): unknown;
  run(command: string, machine: UserMachine, url: string, words: string): Promise<string>;
}

const DRIVEN: readonly Driven[] = [
  {
    client: COPILOT,
    name: 'copilot',
    startTask: 'popstash-start_task',
    edit: (path) => ({ name: 'edit', input: { path, old_str: 'a = 1', new_str: 'a = 2' } }),
    prepare: () => undefined,
    run: runCopilot,
  },
  {
    client: GEMINI_CLI,
    name: 'gemini',
    startTask: 'mcp_popstash_start_task',
    edit: (path) => ({
      name: 'replace',
      input: { file_path: path, instruction: 'Set it', old_string: 'a = 1', new_string: 'a = 2' },
    }),
    prepare: (_command, machine) => writeGeminiSettings(machine),
    run: runGemini,
  },
  {
    client: CLINE,
    name: 'cline',
    startTask: 'popstash__start_task',
    endsWithDenial: true,
    edit: (path) => ({ name: 'apply_patch', input: { input: patchOf(path) } }),
    prepare: writeClineSettings,
    run: (command, machine, _url, words) => runCline(command, machine, words),
  },
];

test.for(DRIVEN)('$name', { timeout: TIMEOUT_MS }, async (driven, { skip }) => {
  const { client, name, startTask, endsWithDenial = false, edit, prepare, run } = driven;
  const command = await useClient(skip, client);
  const machine = createUserMachine();
  const path = (file: string) => join(machine.project, file);
  writeFileSync(path('b.ts'), 'export const a = 1;\n');
  const model = await startScriptedModel({
    steps: [
      use({ name: startTask, input: { task: 'Try it' } }),
      use(edit(path('a.ts'))),
      use(edit(path('b.ts'))),
      { text: 'Done.' },
    ],
  });
  await prepare(command, machine, model.url);
  const before = await connect(machine, name);
  await holdFile(machine);
  const said = await run(command, machine, model.url, 'Please work.').catch(String);
  const text = textOf(model);
  expect(text).toContain(startTask);
  expect(text).toContain('agent_id');
  if (endsWithDenial) expect(said).toContain('aborted');
  else expect(text).toContain('a.ts is held by');
  expect(readFileSync(path('a.ts'), 'utf8')).toBe('export const a = 1;\n');
  expect(readFileSync(path('b.ts'), 'utf8')).toBe(`export const a = ${endsWithDenial ? 1 : 2};\n`);
  writeFileSync(path('b.ts'), 'export const a = 1;\n');
  await disconnect(machine, before);
});
