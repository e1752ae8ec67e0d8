// F1: kill -9 of a front process, a bridge or the local server at any instant under load. Nothing acknowledged is lost,
// no process stays, and what a dead agent held is free while what a living one holds is not.
import { expect, test } from 'vitest';
import { agentIdOf, readAgent, untilDeathCounts } from '../../support/processes/agents.js';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { askServer, killServer, readInsights, serverProcesses } from '../../support/processes/local-server.js';
import { isAlive, runCommand, startWorker } from '../../support/processes/processes.js';
import { startRedis } from '../../support/processes/servers.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { trialCount } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';

interface Acquired {
  conflicts: { held_by: string }[];
}

const acquire = (client: TestClient, path: string) => client.call<Acquired>('acquire', { patterns: [path] });

/** Writes one insight after another until the process dies; `acknowledged` gets what was answered. */
async function writeUntilDeath(client: TestClient, mark: string, acknowledged: string[]): Promise<void> {
  for (let index = 0; ; index += 1) {
    const content = `${mark}, write ${index}`;
    try {
      await client.call('insight', { content });
    } catch {
      return;
    }
    acknowledged.push(content);
  }
}

/** Asks for a path until it is granted; returns how long that took, in ms. */
async function untilHad(client: TestClient, path: string): Promise<number> {
  const started = performance.now();
  await waitUntil(async () => (await acquire(client, path)).conflicts.length === 0, `${path} to be free`, {
    intervalMs: 5,
  });
  return performance.now() - started;
}

function reportDelays(what: string, delays: number[]): void {
  const sorted = [...delays].sort((a, b) => a - b);
  const [middle, last] = [sorted[sorted.length >> 1] ?? 0, sorted.at(-1) ?? 0];
  process.stderr.write(`F1 ${what}: ${Math.round(middle)} ms (median), ${Math.round(last)} ms (slowest)\n`);
}

const kills = trialCount(4, 500);

test(`F1: ${kills} front processes are killed under load`, async () => {
  const database = await createTestDatabase();
  const redis = await startRedis();
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  await startWorker('lock-expiry', env);
  const witness = await connectClient({ env, clientName: 'witness' });
  await untilDeathCounts(database.pool);
  const acknowledged: string[] = [];
  const delays: number[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const victim = await connectClient({ env, clientName: 'victim' });
    const agentId = await agentIdOf(victim);
    const path = `src/file-${kill}.ts`;
    await victim.call('start_task', { task: `Round ${kill}`, files: [path] });
    const before = acknowledged.length;
    const writing = writeUntilDeath(victim, `round ${kill}`, acknowledged);
    const goal = before + Math.floor(Math.random() * 15);
    await waitUntil(() => acknowledged.length >= goal, 'writes', { intervalMs: 1 });
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
    victim.kill('SIGKILL');
    delays.push(await untilHad(witness, path));
    await writing;
    await witness.call('release', { patterns: [path] });
    expect(await readAgent(database.pool, agentId)).toMatchObject({
      status: 'disconnected',
      liveLocks: 0,
      activeSessions: 0,
      reasons: ['process_gone'],
    });
    expect(isAlive(victim.pid)).toBe(false);
  }
  const { rows } = await database.pool.query<{ content: string }>('SELECT content FROM insights');
  const stored = new Set(rows.map(({ content }) => content));
  expect(acknowledged.filter((content) => !stored.has(content))).toEqual([]);
  reportDelays(`${kills} killed fronts, kill to grant`, delays);
});

const serverKills = trialCount(3, 100);

test(`F1: the local server is killed ${serverKills} times, every second time with a bridge`, async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir };
  const [keeper, witness] = [await connectClient({ env }), await connectClient({ env })];
  const keeperId = await agentIdOf(keeper);
  await keeper.call('start_task', { task: 'Keep it all along', files: ['src/kept.ts'] });
  const acknowledged: string[] = [];
  const delays: number[] = [];
  for (let kill = 0; kill < serverKills; kill += 1) {
    const victim = await connectClient({ env, clientName: 'victim' });
    const path = `src/file-${kill}.ts`;
    await victim.call('start_task', { task: `Round ${kill}`, files: [path] });
    const goal = acknowledged.length + Math.floor(Math.random() * 8);
    const writing = writeUntilDeath(victim, `round ${kill}`, acknowledged);
    await waitUntil(() => acknowledged.length >= goal, 'writes', { intervalMs: 1 });
    killServer(dataDir);
    if (kill % 2 === 0) {
      victim.kill('SIGKILL');
      await waitUntil(async () => (await askServer(dataDir))?.storage === 'ready', 'the next server');
      delays.push(await untilHad(witness, path));
    } else {
      expect((await acquire(witness, path)).conflicts).toHaveLength(1);
      victim.kill('SIGKILL');
      await untilHad(witness, path);
    }
    await writing;
    expect(await acquire(witness, 'src/kept.ts')).toMatchObject({ conflicts: [{ held_by: keeperId }] });
    await waitUntil(() => serverProcesses(dataDir).length === 1, 'one server alone to stay');
  }
  expect(await keeper.call('end_task', { summary: 'Kept' })).toMatchObject({ locks_released: ['src/kept.ts'] });
  await Promise.all([keeper.close(), witness.close()]);
  await runCommand(['down'], { env });
  const stored = new Set(await readInsights(dataDir));
  expect(acknowledged.filter((content) => !stored.has(content))).toEqual([]);
  reportDelays(`${delays.length} killed servers with a bridge, storage open to grant`, delays);
});

test('F1: kill -9 of the local server under load: no call fails, nothing acknowledged is lost, nothing is doubled', async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir };
  const clients = await Promise.all([connectClient({ env }), connectClient({ env })]);
  await Promise.all(
    clients.map((client) => client.call('insight', { content: 'before', key: `before-${client.pid}` })),
  );
  const acknowledged: string[] = [];
  let killing = true;
  const writers = clients.map(async (client, writer) => {
    for (let index = 0; killing; index += 1) {
      const content = `note ${writer}-${index}`;
      await client.call('insight', { content });
      acknowledged.push(content);
    }
  });
  for (let round = 0; round < trialCount(4, 100); round += 1) {
    const goal = acknowledged.length + 1 + Math.floor(Math.random() * 12);
    await Promise.race([waitUntil(() => acknowledged.length >= goal, 'writes to go on'), ...writers]);
    killServer(dataDir);
  }
  const goal = acknowledged.length + 4;
  await Promise.race([waitUntil(() => acknowledged.length >= goal, 'writes after the last kill'), ...writers]);
  killing = false;
  await Promise.all(writers);
  await runCommand(['down'], { env });
  const stored = (await readInsights(dataDir)).filter((content) => content !== 'before');
  expect(stored).toEqual([...acknowledged].sort());
});
