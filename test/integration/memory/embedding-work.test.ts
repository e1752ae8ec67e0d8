import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEmbedder } from '../../../src/embedding/create-embedder.js';
import { type Embedder, FORMER_MODELS } from '../../../src/embedding/embedding-types.js';
import { findModel } from '../../../src/embedding/model-store.js';
import { embedding } from '../../../src/jobs/embedding.js';
import { type JobProducer, jobs } from '../../../src/jobs/job-list.js';
import { queryEmbedding } from '../../../src/jobs/query-embedding.js';
import { openBackend, type QueueBackend } from '../../../src/queue/backend.js';
import { createProducer } from '../../../src/queue/producer.js';
import { startJobs } from '../../../src/queue/start-job.js';
import { writeInsight } from '../../support/memory/write-insight.js';
import { startRedis } from '../../support/processes/servers.js';
import { buildModelThread } from '../../support/setup/build-script.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';
import { closeAtFileEnd } from '../../support/setup/resources.js';
import { waitUntil } from '../../support/setup/wait-until.js';
import { noTelemetry } from '../../support/telemetry/telemetry.js';

const logger = pino({ level: process.env.QUEUE_LOG ?? 'silent' }, pino.destination(2));
let database: TestDatabase;
let embedder: Embedder;

beforeAll(async () => {
  database = await createTestDatabase();
  embedder = createEmbedder({ modelDir: findModel(), delayMs: 0, logger, threadFile: await buildModelThread() });
});
beforeEach(async () => {
  await database.pool.query('TRUNCATE projects CASCADE');
});
afterAll(() => embedder.close());

/** As the worker process `embedding` does. */
async function run(backend: QueueBackend) {
  const host = { resources: { pool: database.pool, embedder }, backend, logger, telemetry: noTelemetry };
  const running = await startJobs([embedding, queryEmbedding], host);
  closeAtFileEnd('the embedding jobs', running.close);
  return running;
}

function produce(backend: QueueBackend) {
  const producer = createProducer({ jobs, backend, logger, telemetry: noTelemetry, requests: ['query-embedding'] });
  closeAtFileEnd('producer', producer.close);
  return producer;
}

const askFor = (producer: JobProducer, text: string) =>
  producer.request('query-embedding', { text, deadline: Date.now() + 2_000 }, 2_000);

async function write(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    ids.push(...(await writeInsight(database.pool, `Deployment number ${i} needs a warm cache`)).passageIds);
  }
  return ids;
}

const untilEmbedded = (count: number) =>
  waitUntil(async () => {
    const { rows } = await database.pool.query<{ pending: number; done: number }>(
      'SELECT count(*) FILTER (WHERE embedding IS NULL)::int AS pending, count(embedding)::int AS done FROM passages',
    );
    return rows[0]?.pending === 0 && rows[0].done === count;
  }, `${count} vectors`);

describe('on Redis', () => {
  it('embeds the passages of its jobs, and answers queries beside it', async () => {
    const backend = { kind: 'redis', url: (await startRedis()).url } as const;
    const running = await run(backend);
    const producer = produce(backend);
    const ids = await write(30);
    for (const id of ids) producer.enqueue('embedding', { passageIds: [id] });
    await untilEmbedded(30);
    const query = await waitUntil(() => askFor(producer, 'cold start of a release'), 'a vector');
    const [own] = await embedder.embed(['cold start of a release'], 'query');
    expect(query).toEqual(own);
    await running.close();
  });

  it('embeds without any job, with the queue absent, and again when it is there', async () => {
    const redis = await startRedis({ started: false });
    const running = await run({ kind: 'redis', url: redis.url });
    await write(20);
    await untilEmbedded(20);
    await redis.start();
    await write(5);
    await untilEmbedded(25);
    await redis.command('FLUSHALL');
    await redis.kill();
    await write(5);
    await untilEmbedded(30);
    await running.close();
  });

  it('embeds without the queue when that answers but takes nothing', async () => {
    const redis = await startRedis();
    const backend = { kind: 'redis', url: redis.url } as const;
    const running = await run(backend);
    await write(2);
    await untilEmbedded(2);
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    const producer = produce(backend);
    for (const id of await write(10)) producer.enqueue('embedding', { passageIds: [id] });
    await untilEmbedded(12);
    await running.close();
  });

  it('closes while Redis is stopped', async () => {
    const redis = await startRedis();
    const running = await run({ kind: 'redis', url: redis.url });
    await write(2);
    await untilEmbedded(2);
    redis.pause();
    await running.close();
  });
});

describe('on PostgreSQL alone', () => {
  it('embeds passages with and without a job', async () => {
    const opened = await openBackend({ databaseUrl: database.url, redisUrl: undefined }, logger);
    const running = await run(opened.backend);
    const producer = produce(opened.backend);
    const ids = await write(20);
    producer.enqueue('embedding', { passageIds: ids.slice(0, 10) });
    await untilEmbedded(20);
    expect(await waitUntil(() => askFor(producer, 'anything'), 'a vector')).toHaveLength(384);
    // After an update that changes what the model reads: without a job, more of them than one sweep takes.
    await write(20);
    await untilEmbedded(40);
    await database.pool.query('UPDATE passages SET embedding_model = $1', [FORMER_MODELS[0]]);
    await waitUntil(async () => {
      const { rows } = await database.pool.query('SELECT FROM passages WHERE embedding_model = $1', [FORMER_MODELS[0]]);
      return rows.length === 0;
    }, 'every vector again');
    await producer.close();
    await running.close();
    await opened.close();
  });
});
