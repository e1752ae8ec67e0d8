// The embedded server and its bridges: who starts it, who ends it, and what a client sees when it dies.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectClient, ToolCallError } from '../support/processes/client.js';
import { askServer, killServer, readInsights, serverProcesses } from '../support/processes/local-server.js';
import { isAlive, runCommand } from '../support/processes/processes.js';
import { childEnvironment } from '../support/setup/environment.js';
import { createDataFolder, createFolder, MAIN } from '../support/setup/folders.js';
import { waitUntil } from '../support/setup/wait-until.js';

const INITIALIZE = `${JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '0' } },
})}\n`;

test('eight bridges on a folder without a server get one server between them', async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir };
  const clients = await Promise.all(
    Array.from({ length: 8 }, (_, index) => connectClient({ env, clientName: `agent-${index}` })),
  );
  const saved = await Promise.all(
    clients.map((client, index) => client.call<{ insight_id: string }>('insight', { content: `from agent ${index}` })),
  );
  expect(new Set(saved.map((each) => each.insight_id)).size).toBe(8);
  expect(await askServer(dataDir)).toMatchObject({ agents: 8, storage: 'ready' });
  await waitUntil(() => serverProcesses(dataDir).length === 1, 'those that came second to end');
  await Promise.all(clients.map((client) => client.close()));
  await waitUntil(async () => (await askServer(dataDir))?.agents === 0, 'the server to see them go');
  await runCommand(['down'], { env });
  expect(await readInsights(dataDir)).toEqual(Array.from({ length: 8 }, (_, index) => `from agent ${index}`));
});

test('a socket left behind by a dead server does not keep the next one away', async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir };
  expect((await runCommand(['up'], { env })).code).toBe(0);
  for (const name of ['database', 'server.sock', 'server.log', 'owner.json']) {
    expect(statSync(join(dataDir, name)).mode & 0o077, `${name} is for its user only`).toBe(0);
  }
  const before = await askServer(dataDir);
  killServer(dataDir);
  await waitUntil(() => serverProcesses(dataDir).length === 0, 'the server to die');
  expect(existsSync(join(dataDir, 'server.sock'))).toBe(true);
  const client = await connectClient({ env });
  expect(await client.call('ping')).toMatchObject({ status: 'pong', mode: 'embedded' });
  expect((await askServer(dataDir))?.pid).not.toBe(before?.pid);
});

test('a large text passes both ways', async () => {
  const client = await connectClient({ env: { POPSTASH_DATA_DIR: createDataFolder() } });
  const summary = 'ä\u{1F600}"\\ é'.repeat(15_000);
  await client.call('stash', { name: 'large', summary });
  expect((await client.call<{ summary: string }>('pop', { query: 'large' })).summary).toBe(summary);
});

describe('the bridge ends with its client', () => {
  test('at the end of stdin, with the last answer written', async () => {
    const env = { POPSTASH_DATA_DIR: createDataFolder() };
    const { code, stdout } = await runCommand(['mcp'], { env, input: INITIALIZE });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id: 1, result: { serverInfo: { name: 'popstash' } } });
  });

  test('at the end of stdin without a word', async () => {
    const { code, stdout } = await runCommand(['mcp'], { env: { POPSTASH_DATA_DIR: createDataFolder() }, input: '' });
    expect([code, stdout]).toEqual([0, '']);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('by %s, and the server sees its agent gone', async (signal) => {
    const dataDir = createDataFolder();
    const client = await connectClient({ env: { POPSTASH_DATA_DIR: dataDir } });
    await client.call('ping');
    expect((await askServer(dataDir))?.agents).toBe(1);
    client.kill(signal);
    await waitUntil(async () => (await askServer(dataDir))?.agents === 0, 'the agent to be gone');
  });

  test('by kill -9 of the client', async () => {
    const dataDir = createDataFolder();
    const script = `const bridge = require('node:child_process').spawn(process.execPath, [${JSON.stringify(MAIN)}, 'mcp']);
      bridge.stdin.write(${JSON.stringify(INITIALIZE)});
      bridge.stdout.once('data', () => console.log(bridge.pid));`;
    const client = spawn(process.execPath, ['-e', script], { env: childEnvironment({ POPSTASH_DATA_DIR: dataDir }) });
    const [pid] = await once(client.stdout, 'data');
    expect(isAlive(Number(pid))).toBe(true);
    client.kill('SIGKILL');
    await waitUntil(() => !isAlive(Number(pid)), 'the bridge to end');
  });
});

test('initialize and tools/list answer while storage can not be opened; a call says what to do', async () => {
  const dataDir = createDataFolder();
  mkdirSync(join(dataDir, 'database'));
  writeFileSync(join(dataDir, 'database', 'PG_VERSION'), '7\n');
  const client = await connectClient({ env: { POPSTASH_DATA_DIR: dataDir } });
  expect((await client.mcp.listTools()).tools.map((tool) => tool.name)).toContain('recall');
  const failure = await client.call('insight', { content: 'too early' }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ToolCallError);
  expect(failure).toMatchObject({ code: 'not_ready', retryable: true });
});

test('a server that can not start is named in the answer of every waiting call', async () => {
  const file = join(createFolder(), 'a-file');
  writeFileSync(file, '');
  const { code, stdout } = await runCommand(['mcp'], { env: { POPSTASH_DATA_DIR: file }, input: INITIALIZE });
  expect(code).toBe(0);
  const { id, error } = JSON.parse(stdout);
  expect(id).toBe(1);
  expect(error).toMatchObject({ code: -32000, data: { retryable: false, log: join(file, 'server.log') } });
  expect(error.message).toContain(`can't be reached: The data folder ${file} is a file`);
});

test('the server ends by itself when nobody has been there for the idle time, and leaves nothing behind', async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir, POPSTASH_IDLE_MINUTES: '0.02' };
  const client = await connectClient({ env });
  await client.call('insight', { content: 'kept' });
  await client.close();
  await waitUntil(() => serverProcesses(dataDir).length === 0, 'the idle server to end');
  expect(existsSync(join(dataDir, 'server.sock'))).toBe(false);
  expect(await readInsights(dataDir)).toEqual(['kept']);
});

test('up and down say what they did, and down leaves a connected agent able to go on', async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir };
  const first = JSON.parse((await runCommand(['up', '--json'], { env })).stdout);
  expect(first).toMatchObject({ storage: 'ready', was_running: false, data_dir: dataDir });
  expect((await runCommand(['up'], { env })).stdout).toContain('was already running');
  const client = await connectClient({ env });
  await client.call('insight', { content: 'first' });
  expect((await runCommand(['down'], { env })).stdout).toContain(`pid ${first.pid}`);
  expect(serverProcesses(dataDir)).toEqual([]);
  expect((await runCommand(['down'], { env })).stdout).toContain('No local server is running');
  await client.call('insight', { content: 'second' });
  await client.close();
  await runCommand(['down'], { env });
  expect(await readInsights(dataDir)).toEqual(['first', 'second']);
});

test('a newer bridge replaces an older server without losing a call; an older bridge takes a newer server', async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir };
  const older = copyPackage('0.0.1');
  const old = await connectClient({ env, main: older });
  await old.call('insight', { content: 'start' });
  expect((await askServer(dataDir))?.version).toBe('0.0.1');
  const acknowledged = ['start'];
  let writing = true;
  const writer = (async () => {
    for (let index = 0; writing; index += 1) {
      await old.call('insight', { content: `old ${index}` });
      acknowledged.push(`old ${index}`);
    }
  })();
  const current = await connectClient({ env });
  await current.call('insight', { content: 'new' });
  const after = await askServer(dataDir);
  expect(after?.version).toBe(versionOf(join(dirname(MAIN), '..')));
  const goal = acknowledged.length + 3;
  await Promise.race([waitUntil(() => acknowledged.length >= goal, 'the older client to go on'), writer]);
  writing = false;
  await writer;
  const another = await connectClient({ env, main: older });
  expect(await another.call('ping')).toMatchObject({ version: after?.version });
  expect((await askServer(dataDir))?.pid).toBe(after?.pid);
  await Promise.all([old.close(), current.close(), another.close()]);
  await runCommand(['down'], { env });
  expect(await readInsights(dataDir)).toEqual([...acknowledged, 'new'].sort());
});

/** The built package under another version; returns its main.js. */
function copyPackage(version: string): string {
  const from = join(dirname(MAIN), '..');
  const to = createFolder('ps-old-');
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  writeFileSync(join(to, 'package.json'), JSON.stringify({ ...manifest, version }));
  const skipped = join(from, 'dist', 'embedded-template');
  cpSync(join(from, 'dist'), join(to, 'dist'), { recursive: true, filter: (path) => path !== skipped });
  for (const name of ['node_modules', 'models', 'prisma', join('dist', 'embedded-template')]) {
    if (existsSync(join(from, name))) symlinkSync(join(from, name), join(to, name));
  }
  return join(to, 'dist', 'main.js');
}

function versionOf(folder: string): string {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}
