// A teammate clones a repository whose client files are committed, and runs no init: the server that their client starts
// writes the launcher, and then the committed hooks deny. Hints name a command that works there.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { startHookedClient } from '../../support/processes/hooked-client.js';
import { runCommand } from '../../support/processes/processes.js';
import { childEnvironment } from '../../support/setup/environment.js';
import { createDataFolder, createFolder, MAIN } from '../../support/setup/folders.js';
import { closeAtFileEnd } from '../../support/setup/resources.js';
import { waitUntil } from '../../support/setup/wait-until.js';

interface Settings {
  hooks: Record<string, { hooks: { command: string }[] }[]>;
}

const SESSION = 'session-of-a-teammate';
let remote: string;
/** With an `npx` that brings this build instead of the registry's, and no `popstash`. */
let programs: string;

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd, stdio: 'pipe' });

beforeAll(async () => {
  programs = createFolder('ps-bin-');
  writeFileSync(join(programs, 'npx'), `#!/bin/sh\nshift 2\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(join(programs, 'npx'), 0o755);
  remote = createFolder('ps-repo-');
  writeFileSync(join(remote, 'a.ts'), 'export const a = 1;\n');
  git(remote, 'init', '-q');
  const init = await runCommand(['init', '--project', '--client', 'claude', '--yes'], { cwd: remote });
  expect([init.code, init.stderr]).toEqual([0, '']);
  git(remote, 'add', '-A');
  git(remote, 'commit', '-qm', 'begin');
});

interface Clone {
  folder: string;
  dataDir: string;
  variables: { HOME: string; POPSTASH_DATA_DIR: string };
  env: Record<string, string>;
  launcher: string;
  /** Runs a hook of the clone's settings as its client does. */
  hook(event: string, payload: object): { status: number | null; stdout: string };
  runHook(command: string, event: string, payload: object): { status: number | null; stdout: string };
  /** Starts the server of the clone's list as its client does. */
  connect(): Promise<Client>;
}

function createClone(): Clone {
  const folder = createFolder('ps-clone-');
  git(folder, 'clone', '-q', remote, '.');
  const dataDir = createDataFolder();
  const variables = { HOME: createFolder('ps-home-'), POPSTASH_DATA_DIR: dataDir };
  const env = { ...childEnvironment(variables), PATH: `${programs}:${process.env.PATH ?? ''}` };
  const { hooks } = JSON.parse(readFileSync(join(folder, '.claude', 'settings.json'), 'utf8')) as Settings;
  return {
    folder,
    dataDir,
    variables,
    env,
    launcher: join(dataDir, 'bin', 'popstash'),
    hook(event, payload) {
      return this.runHook(hooks[event]?.[0]?.hooks[0]?.command ?? '', event, payload);
    },
    runHook(command, event, payload) {
      const input = JSON.stringify({ session_id: SESSION, cwd: folder, hook_event_name: event, ...payload });
      return spawnSync('sh', ['-c', command], { cwd: folder, env, input, encoding: 'utf8' });
    },
    async connect() {
      const list = JSON.parse(readFileSync(join(folder, '.mcp.json'), 'utf8'));
      const own = { ...env, CLAUDE_CODE_SESSION_ID: SESSION };
      const transport = new StdioClientTransport({ ...list.mcpServers.popstash, cwd: folder, env: own });
      const client = new Client({ name: 'claude-code', version: '1' });
      closeAtFileEnd('client', () => client.close());
      await client.connect(transport);
      return client;
    },
  };
}

/** Calls again while the server says so: on a busy machine its storage opens late. */
async function call(client: Client, name: string, args: object): Promise<Record<string, unknown>> {
  for (;;) {
    const { content } = await client.callTool({ name, arguments: { ...args } });
    const [{ text }] = content as [{ text: string }];
    const answer = JSON.parse(text);
    if (answer.retryable !== true) return answer;
  }
}

const edit = (file: string) => ({ tool_name: 'Edit', tool_input: { file_path: file }, tool_use_id: 'toolu_1' });

describe.skipIf(process.platform === 'win32')('a clone in which init was never run', () => {
  test('its hooks deny once its server has started, its agent is told the truth, and hints name the launcher', async () => {
    const clone = createClone();
    expect(clone.hook('PreToolUse', edit(join(clone.folder, 'a.ts')))).toMatchObject({ status: 0, stdout: '' });

    const client = await clone.connect();
    await waitUntil(() => existsSync(clone.launcher), 'the launcher');
    expect(statSync(clone.launcher).mode & 0o777).toBe(0o755);
    const begun = await call(client, 'start_task', { task: 'Mine', files: ['a.ts'] });
    // No hook was heard so far.
    expect(begun).toMatchObject({ unguarded: expect.anything() });

    const other = await startHookedClient({ env: clone.variables, cwd: clone.folder });
    await other.call('start_task', { task: 'Theirs', files: ['b.ts'] });
    // A busy machine may take longer than the hook waits for a verdict.
    await waitUntil(() => {
      const { stdout } = clone.hook('PreToolUse', edit(join(clone.folder, 'b.ts')));
      return stdout.includes('"permissionDecision":"deny"') && stdout.includes('b.ts is held by');
    }, 'the denial');
    // The same hook, brought by the client's plugin, has nothing to do where its settings have it too.
    const byPlugin = (cwd: string) =>
      clone.runHook(`"${clone.launcher}" hook pre-tool-use --plugin`, 'PreToolUse', {
        ...edit(join(clone.folder, 'b.ts')),
        cwd,
      });
    expect(byPlugin(clone.folder)).toMatchObject({ status: 0, stdout: '' });
    rmSync(join(clone.folder, '.claude'), { recursive: true });
    await waitUntil(() => byPlugin(clone.folder).stdout.includes('"deny"'), 'the denial by the plugin');
    const { stdout: line } = await other.run(`"${process.execPath}" "${MAIN}" statusline </dev/null`);
    expect(line).toBe(`${other.agentName} · Theirs · 1 lock: b.ts · 1 other agent\n`);
    // A hook was heard: from then on it is told so no more.
    expect(await call(client, 'start_task', { task: 'Mine too', files: ['c.ts'] })).not.toHaveProperty('unguarded');

    // Hints name what works here.
    const stored = await call(client, 'insight', { content: 'Something' });
    await call(client, 'forget', { id: stored.insight_id, reason: 'x' });
    const { fix } = await call(client, 'forget', { id: stored.insight_id, reason: 'x' });
    expect(fix).toContain(`${clone.launcher} restore ${stored.insight_id}`);
    expect((await runCommand(['down'], { env: clone.env })).code).toBe(0);
    const unchecked = clone.hook('PreToolUse', edit(join(clone.folder, 'a.ts')));
    expect(JSON.parse(unchecked.stdout).hookSpecificOutput.additionalContext).toContain(`run ${clone.launcher} doctor`);
  });
});
