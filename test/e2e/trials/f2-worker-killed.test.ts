import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { FORMER_MODELS } from '../../../src/embedding/embedding-types.js';
import { countHollow, countPending, writePending } from '../../support/memory/pending-passages.js';
import { spawnCommand, startWorker } from '../../support/processes/processes.js';
import { startRedis } from '../../support/processes/servers.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { MAIN } from '../../support/setup/folders.js';
import { trialCount } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const kills = trialCount(3, 100);
/** More than one worker embeds before it is killed, so that each kill falls into a batch. */
const PASSAGES = 150;

it(`F2: the embedding worker is killed in the middle of a batch, ${kills} times, and nothing stays behind`, async () => {
  const database = await createTestDatabase();
  const redis = await startRedis();
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  const delays: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    await writePending(database.pool, PASSAGES, `of round ${kill}`);
    const victim = await startWorker('embedding', env);
    const before = await countPending(database.pool);
    await waitUntil(async () => (await countPending(database.pool)) < before, 'the first batch', { intervalMs: 5 });
    victim.kill('SIGKILL');
    await victim.exited;
    expect(await countPending(database.pool)).toBeGreaterThan(0);

    const next = await startWorker('embedding', env);
    const back = performance.now();
    await waitUntil(async () => (await countPending(database.pool)) === 0, 'every passage', { intervalMs: 20 });
    delays.push(performance.now() - back);
    expect(await next.stop()).toBe(0);
  }
  expect(await countHollow(database.pool)).toBe(0);
  delays.sort((a, b) => a - b);
  process.stderr.write(
    `F2 ${kills} kills: all embedded ${Math.round(delays[delays.length >> 1]!)} ms (median), ` +
      `${Math.round(delays.at(-1)!)} ms (slowest) after a worker was back\n`,
  );
});

it('goes on where it was killed while it made the vectors of a former model again', async () => {
  const { pool, url } = await createTestDatabase();
  const redis = await startRedis();
  const env = { DATABASE_URL: url, REDIS_URL: redis.url };
  await writePending(pool, 48);
  const zeros = `[${Array(384).fill(0).join(',')}]`;
  await pool.query('UPDATE passages SET embedding = $1, embedding_model = $2, embedded_at = now()', [
    zeros,
    FORMER_MODELS.at(-1),
  ]);
  const countOlder = async () =>
    (await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM passages WHERE embedding = $1', [zeros])).rows[0]
      ?.n;
  const victim = await startWorker('embedding', env);
  await waitUntil(async () => (await countOlder()) !== 48, 'the first vectors', { intervalMs: 5 });
  victim.kill('SIGKILL');
  await victim.exited;
  expect(await countOlder()).toBeGreaterThan(0);
  // Meanwhile each has a vector, its older one or its new one.
  expect(await countHollow(pool)).toBe(0);
  const next = await startWorker('embedding', env);
  await waitUntil(async () => (await countOlder()) === 0, 'every vector');
  expect(await next.stop()).toBe(0);
});

it('ends by itself on SIGTERM in the middle of a drain, and another goes on', async () => {
  const database = await createTestDatabase();
  const redis = await startRedis();
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  await writePending(database.pool, 600);
  const first = await startWorker('embedding', env);
  await waitUntil(async () => (await countPending(database.pool)) < 600, 'the first batch', { intervalMs: 5 });
  expect(await first.stop()).toBe(0);
  expect(first.stdout()).toBe('');
  expect(await countPending(database.pool)).toBeGreaterThan(0);
  // By its own file, as a supervisor may start it.
  const second = spawnCommand([], { env, main: join(dirname(MAIN), 'worker-embedding.mjs') });
  await waitUntil(async () => (await countPending(database.pool)) === 0, 'every passage');
  expect(await second.stop()).toBe(0);
  expect(await countHollow(database.pool)).toBe(0);
});
