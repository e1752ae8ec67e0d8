import { pino } from 'pino';
import { expect, it } from 'vitest';
import { embedding } from '../../../src/jobs/embedding.js';
import { createQueueLink } from '../../../src/queue/queue-link.js';
import { countHollow, countPending, writePending } from '../../support/memory/pending-passages.js';
import { startWorker } from '../../support/processes/processes.js';
import { startRedis } from '../../support/processes/servers.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { closeAtFileEnd } from '../../support/setup/resources.js';
import { trialCount } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const pending = trialCount(500, 5_000);

it(`F4: FLUSHALL with ${pending} passages pending, and all are embedded with no help`, async () => {
  const database = await createTestDatabase();
  const redis = await startRedis();
  await writePending(database.pool, pending);
  const link = createQueueLink({
    backend: { kind: 'redis', url: redis.url },
    logger: pino({ level: 'silent' }),
    watchMs: 1_000,
  });
  closeAtFileEnd('queue link', link.close);
  const { rows } = await database.pool.query<{ id: string }>('SELECT id::text AS id FROM passages ORDER BY id');
  const given = rows.map(({ id }) => ({ name: 'embedding', data: { passageIds: [id] } }));
  await link.use(embedding, 60_000, (queue) => queue.addBulk(given));
  const jobs = async () => Number((await redis.command('DBSIZE')).slice(1));
  expect(await jobs()).toBeGreaterThan(pending);

  const worker = await startWorker('embedding', { DATABASE_URL: database.url, REDIS_URL: redis.url });
  await waitUntil(async () => (await countPending(database.pool)) < pending, 'the first batch', { intervalMs: 5 });
  await redis.command('FLUSHALL');
  expect(await countPending(database.pool)).toBeGreaterThan(0);
  await waitUntil(async () => (await countPending(database.pool)) === 0, 'every passage', { timeoutMs: 600_000 });
  expect(await countHollow(database.pool)).toBe(0);
  expect(await worker.stop()).toBe(0);
});
