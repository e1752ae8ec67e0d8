// What happens when the data folder, or the socket, is taken from under a running server.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOwner } from '../../src/ipc/read-owner.js';
import { connectClient } from '../support/processes/client.js';
import { askServer, readInsights, serverProcesses } from '../support/processes/local-server.js';
import { runCommand, trackProcess } from '../support/processes/processes.js';
import { childEnvironment } from '../support/setup/environment.js';
import { createDataFolder, createFolder, MAIN } from '../support/setup/folders.js';
import { closeAtFileEnd } from '../support/setup/resources.js';
import { waitUntil } from '../support/setup/wait-until.js';

test('a server whose folder is deleted ends without acknowledging a write, and its agents go on at the next one', async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir };
  const client = await connectClient({ env });
  await client.call('insight', { content: 'before' });
  const before = await askServer(dataDir);
  // What its jobs write would hold up the deletion.
  const isDone = async () => JSON.parse((await runCommand(['status', '--json'], { env })).stdout).status.pending === 0;
  await waitUntil(isDone, 'the memory to have its vector');
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
  // At once: the server has had no time to look.
  await client.call('insight', { content: 'after' });
  expect((await askServer(dataDir))?.pid).not.toBe(before?.pid);
  await waitUntil(() => serverProcesses(dataDir).length === 1, 'the server of the deleted folder to end');
  await client.close();
  await runCommand(['down'], { env: { POPSTASH_DATA_DIR: dataDir } });
  expect(await readInsights(dataDir)).toEqual(['after']);
});

test('a server whose folder is replaced ends by itself, and the folder in its place is served', async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir };
  await runCommand(['up'], { env });
  const before = await askServer(dataDir);
  const aside = join(createFolder(), 'aside');
  renameSync(dataDir, aside);
  mkdirSync(dataDir, { mode: 0o700 });
  // Nobody asks it anything.
  await waitUntil(() => !serverProcesses(aside).includes(before?.pid ?? 0), 'the first server to end');
  const client = await connectClient({ env });
  await client.call('insight', { content: 'in the new folder' });
  expect(serverProcesses(dataDir)).toHaveLength(1);
});

test('a socket that is deleted is made again, and the server stays', async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir };
  const client = await connectClient({ env });
  await client.call('ping');
  const before = await askServer(dataDir);
  rmSync(join(dataDir, 'server.sock'));
  expect((await waitUntil(() => askServer(dataDir), 'the socket')).pid).toBe(before?.pid);
  expect(await client.call('ping')).toMatchObject({ status: 'pong' });
});

test('a long path is served by one server, whatever TMPDIR its agents have', async () => {
  const dataDir = join(createDataFolder(), 'd'.repeat(100));
  const envs = [createFolder(), createFolder()].map((TMPDIR) => ({ POPSTASH_DATA_DIR: dataDir, TMPDIR }));
  for (const env of envs) {
    const client = await connectClient({ env });
    await client.call('insight', { content: env.TMPDIR });
  }
  expect(serverProcesses(dataDir)).toHaveLength(1);
  await runCommand(['down'], { env: envs[1] ?? {} });
  expect(serverProcesses(dataDir)).toEqual([]);
});

test('a folder that others can write to is refused, with the fix', async () => {
  const dataDir = createDataFolder();
  chmodSync(dataDir, 0o777);
  const env = { POPSTASH_DATA_DIR: dataDir };
  const { code, stderr } = await runCommand(['up'], { env });
  expect(code).not.toBe(0);
  expect(stderr).toContain(`Other users can write to the data folder ${dataDir}`);
  expect(stderr).toContain(`chmod go-w '${dataDir}'`);
  const served = await runCommand(['serve'], { env });
  expect(served.code).not.toBe(0);
  expect(served.stderr).toContain(`chmod go-w '${dataDir}'`);
  const input = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '0' } } })}\n`;
  const { error } = JSON.parse((await runCommand(['mcp'], { env, input })).stdout);
  expect(error).toMatchObject({ data: { code: 'invalid_argument', retryable: false } });
  expect(error.data.fix).toContain(`chmod go-w '${dataDir}'`);
  chmodSync(dataDir, 0o700);
  expect((await runCommand(['up'], { env })).code).toBe(0);
});

test('an agent killed together with the server, and reaped by nobody, holds nothing at the next one', async () => {
  const dataDir = createDataFolder();
  const env = childEnvironment({ POPSTASH_DATA_DIR: dataDir });
  // The parent becomes a program that never asks after its children.
  const shell = spawn(
    'sh',
    ['-c', `exec 3<&0; "${process.execPath}" "${MAIN}" mcp <&3 & echo $! >&2; exec sleep 600`],
    { env },
  );
  closeAtFileEnd('parent', () => shell.kill('SIGKILL'));
  const parent = trackProcess(shell);
  const bridge = Number(await parent.untilStderr(/^\d+$/));
  const lines = [
    {
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '0' } },
    },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/call', params: { name: 'acquire', arguments: { patterns: ['a.ts'] } } },
  ];
  for (const line of lines) shell.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...line })}\n`);
  await waitUntil(() => parent.stdout().includes('acquired'), 'the lock');
  const server = readOwner(dataDir)?.pid ?? 0;
  process.kill(server, 'SIGKILL');
  process.kill(bridge, 'SIGKILL');
  const client = await connectClient({ env: { POPSTASH_DATA_DIR: dataDir } });
  expect(await client.call('acquire', { patterns: ['a.ts'] })).toMatchObject({ acquired: [{ pattern: 'a.ts' }] });
  shell.kill('SIGKILL');
  await once(shell, 'close');
});
