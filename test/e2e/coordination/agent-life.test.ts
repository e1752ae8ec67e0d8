// An agent's locks end with its process, whatever ends it, and only with it: not with a server or a database that comes back.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { beforeAll, describe, expect, test } from 'vitest';
import { ADVISORY_LOCKS } from '../../../src/db/advisory-locks.js';
import { agentIdOf, readAgent, untilDeathCounts, untilGone } from '../../support/processes/agents.js';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { killServer } from '../../support/processes/local-server.js';
import { isAlive, runCommand, startWorker } from '../../support/processes/processes.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';
import { childEnvironment, defaultWorkFolder, type EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder, createFolder, MAIN } from '../../support/setup/folders.js';
import { testServices } from '../../support/setup/services.js';
import { waitUntil } from '../../support/setup/wait-until.js';

interface Acquired {
  acquired: unknown[];
  conflicts: { held_by: string }[];
}

let paths = 0;
/** A path that no other test locks. */
function newPath(): string {
  paths += 1;
  return `src/file-${paths}.ts`;
}

const acquire = (client: TestClient, path: string) => client.call<Acquired>('acquire', { patterns: [path] });

async function isFree(client: TestClient, path: string): Promise<boolean> {
  const { conflicts } = await acquire(client, path);
  return conflicts.length === 0;
}

describe('server mode', () => {
  let database: TestDatabase;
  let env: EnvironmentChange;
  let other: TestClient;

  beforeAll(async () => {
    database = await createTestDatabase();
    env = { DATABASE_URL: database.url, REDIS_URL: testServices().redisUrl };
    other = await connectClient({ env, clientName: 'other' });
    await untilDeathCounts(database.pool);
  });

  async function startHolder(): Promise<{ client: TestClient; agentId: string; path: string }> {
    const client = await connectClient({ env, clientName: 'holder' });
    const path = newPath();
    await client.call('start_task', { task: 'Hold a file', files: [path] });
    await client.call('acquire', { patterns: [newPath()] });
    return { client, agentId: await agentIdOf(client), path };
  }

  test.each<[string, (client: TestClient) => unknown, string]>([
    ['the end of stdin', (client) => client.close(), 'stdin ended'],
    ['SIGTERM', (client) => client.kill('SIGTERM'), 'SIGTERM'],
    ['SIGINT', (client) => client.kill('SIGINT'), 'SIGINT'],
  ])('an agent that ends by %s leaves nothing behind', async (_, end, reason) => {
    const { client, agentId, path } = await startHolder();
    await end(client);
    await untilGone(database.pool, agentId);
    expect((await readAgent(database.pool, agentId)).reasons).toEqual([reason]);
    expect(await isFree(other, path)).toBe(true);
  });

  test('an agent that meets the lock of one killed by kill -9 gets it, without any worker', async () => {
    const { client, agentId, path } = await startHolder();
    expect(await acquire(other, path)).toMatchObject({ conflicts: [{ held_by: expect.stringContaining(agentId) }] });
    client.kill('SIGKILL');
    await waitUntil(() => isFree(other, path), 'the lock to be free');
    expect(await readAgent(database.pool, agentId)).toMatchObject({
      status: 'disconnected',
      liveLocks: 0,
      reasons: ['process_gone'],
    });
  });

  test('a stopped process keeps its locks, and works on with them', async () => {
    const { client, agentId, path } = await startHolder();
    client.kill('SIGSTOP');
    expect(await isFree(other, path)).toBe(false);
    expect(await isFree(other, path)).toBe(false);
    client.kill('SIGCONT');
    expect(await client.call('release', { patterns: [path] })).toMatchObject({ released: [path] });
    expect((await readAgent(database.pool, agentId)).reasons).toEqual([]);
  });

  test('a front whose parent is killed ends, though its pipes stay open', async () => {
    // Two ends of pipes that this test holds: only the parent's death can tell the front.
    const folder = createFolder();
    const pipes = ['in', 'out'].map((name) => {
      const path = join(folder, name);
      execFileSync('mkfifo', [path]);
      return openSync(path, 'r+');
    });
    const script = `const { spawn } = require('node:child_process');
      const front = spawn(process.execPath, [${JSON.stringify(MAIN)}, 'mcp'], { stdio: 'inherit' });
      process.stderr.write(front.pid + '\\n');
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['-e', script], {
      env: childEnvironment(env),
      cwd: defaultWorkFolder(),
      stdio: [pipes[0], pipes[1], 'pipe'],
    });
    const [pid] = await once(parent.stderr as Readable, 'data');
    const clientInfo = { name: 'orphan', version: '0' };
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
    for (const message of [{ id: 1, method: 'initialize', params }, { method: 'notifications/initialized' }]) {
      writeSync(pipes[0] ?? -1, `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    }
    const agentId = await waitUntil(async () => {
      const { rows } = await database.pool.query(`SELECT id FROM agents WHERE client = 'orphan'`);
      return rows[0]?.id as string | undefined;
    }, 'the agent');
    parent.kill('SIGKILL');
    await untilGone(database.pool, agentId);
    expect((await readAgent(database.pool, agentId)).reasons).toEqual(['its parent ended']);
    await waitUntil(() => !isAlive(Number(pid)), 'the front to end');
    for (const pipe of pipes) closeSync(pipe);
  });

  test('an agent that lost its connection for a moment keeps its locks', async () => {
    const { client, agentId, path } = await startHolder();
    const holdsProof = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock'
      AND objid = (hashtextextended($1, ${ADVISORY_LOCKS.liveness}) & 4294967295)::oid`;
    const { rows } = await database.pool.query(holdsProof, [agentId]);
    expect(rows).toHaveLength(1);
    await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
    await waitUntil(async () => {
      const found = await database.pool.query(holdsProof, [agentId]);
      return found.rows[0] !== undefined && found.rows[0].pid !== rows[0].pid;
    }, 'the liveness lock to be held again');
    expect(await isFree(other, path)).toBe(false);
    expect(await client.call('release', { patterns: [path] })).toMatchObject({ released: [path] });
    expect((await readAgent(database.pool, agentId)).reasons).toEqual([]);
  });

  test('an agent that was declared gone is told, and connected again by its next call', async () => {
    const { client, agentId, path } = await startHolder();
    await database.pool.query(`SELECT disconnect_agent($1, 'a test')`, [agentId]);
    await expect(acquire(client, path)).rejects.toMatchObject({ code: 'not_ready', retryable: true });
    expect(await isFree(client, path)).toBe(true);
    expect(await readAgent(database.pool, agentId)).toMatchObject({ status: 'active', liveLocks: 1 });
  });

  test('an agent is told once, with any answer, that a decision it was given was superseded by another agent', async () => {
    const reader = await connectClient({ env, clientName: 'reader' });
    const old = await other.call<{ decision_id: string }>('decide', { topic: 'cache', decision: 'Cache in memory.' });
    await reader.call('get_decisions', { topic: 'cache' });
    const { decision_id } = await other.call<{ decision_id: string }>('decide', {
      topic: 'cache',
      decision: 'Cache in Redis.',
      supersedes: old.decision_id,
    });
    const told = await waitUntil(async () => {
      const { notices } = await reader.call<{ notices?: unknown[] }>('recall', { query: 'where to cache' });
      return notices;
    }, 'the notice');
    expect(told).toMatchObject([
      { kind: 'superseded', data: { decision_id: old.decision_id, superseded_by: decision_id } },
    ]);
    expect(await reader.call('recall', { query: 'where to cache' })).not.toHaveProperty('notices');
    // The agent that superseded it knows.
    expect(await other.call('recall', { query: 'where to cache' })).not.toHaveProperty('notices');
  });

  describe('with the worker', () => {
    beforeAll(() => startWorker('lock-expiry', env));

    test('the death of an agent is seen though nobody meets its locks', async () => {
      const { client, agentId } = await startHolder();
      client.kill('SIGKILL');
      await untilGone(database.pool, agentId);
      expect((await readAgent(database.pool, agentId)).reasons).toEqual(['process_gone']);
    });

    test('an expired lock is recorded though nobody wants it', async () => {
      const client = await connectClient({ env: { ...env, POPSTASH_LOCK_EXPIRY_MINUTES: '0.05' } });
      await client.call('acquire', { patterns: [newPath()] });
      const agentId = await agentIdOf(client);
      await waitUntil(async () => {
        const { rows } = await database.pool.query(
          `SELECT FROM activities WHERE agent_id = $1 AND type = 'lock_expired'`,
          [agentId],
        );
        return rows.length === 1;
      }, 'the end of the lock to be recorded');
      const { notices } = await client.call<{ notices: { kind: string }[] }>('who_is_working');
      expect(notices).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'lock_lost' })]));
      expect(await client.call('who_is_working')).not.toHaveProperty('notices');
    });
  });
});

describe('embedded mode', () => {
  const start = async (dataDir: string, name: string) =>
    connectClient({ env: { POPSTASH_DATA_DIR: dataDir }, clientName: name });

  test.each(['SIGTERM', 'SIGKILL'] as const)('a bridge ended by %s leaves nothing behind', async (signal) => {
    const dataDir = createDataFolder();
    const [holder, other] = [await start(dataDir, 'holder'), await start(dataDir, 'other')];
    const path = newPath();
    await holder.call('start_task', { task: 'Hold a file', files: [path] });
    expect(await isFree(other, path)).toBe(false);
    holder.kill(signal);
    await waitUntil(() => isFree(other, path), 'the lock to be free');
  });

  test('an agent keeps its id, task and locks when the local server is killed', async () => {
    const dataDir = createDataFolder();
    const [holder, other] = [await start(dataDir, 'holder'), await start(dataDir, 'other')];
    const path = newPath();
    const { session_id } = await holder.call<{ session_id: string }>('start_task', { task: 'Hold it', files: [path] });
    const agentId = await agentIdOf(holder);
    killServer(dataDir);
    expect(await acquire(other, path)).toMatchObject({ conflicts: [{ held_by: expect.stringContaining(agentId) }] });
    expect(await agentIdOf(holder)).toBe(agentId);
    expect(await holder.call('end_task', { summary: 'Held it' })).toMatchObject({ session_id, locks_released: [path] });
    expect(await isFree(other, path)).toBe(true);
  });

  test('an idle agent keeps its locks when the server is stopped and another agent starts the next', async () => {
    const dataDir = createDataFolder();
    const [holder, other] = [await start(dataDir, 'holder'), await start(dataDir, 'other')];
    const path = newPath();
    await acquire(holder, path);
    const agentId = await agentIdOf(holder);
    expect((await runCommand(['down'], { env: { POPSTASH_DATA_DIR: dataDir } })).code).toBe(0);
    expect(await isFree(other, path)).toBe(false);
    // Long enough for those who do not come back to be ended.
    await waitUntil(async () => {
      const { idle_agents, active_agents } = await other.call<{ idle_agents: unknown[]; active_agents: unknown[] }>(
        'who_is_working',
      );
      return JSON.stringify([idle_agents, active_agents]).includes(agentId);
    }, 'the agent to be back');
    expect(await holder.call('release', { patterns: [path] })).toMatchObject({ released: [path] });
  });

  test('kill -9 of the server and a bridge: the next server frees what the bridge held', async () => {
    const dataDir = createDataFolder();
    const [holder, other] = [await start(dataDir, 'holder'), await start(dataDir, 'other')];
    const path = newPath();
    await acquire(holder, path);
    killServer(dataDir);
    holder.kill('SIGKILL');
    await waitUntil(() => isFree(other, path), 'the lock to be free');
  });
});
