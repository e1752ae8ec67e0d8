import { setImmediate as nextRound } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { encodeVector } from '../../src/embedding/vector-codec.js';
import { AppError } from '../../src/errors.js';
import { embedding } from '../../src/jobs/embedding.js';
import { type JobProducer, jobs } from '../../src/jobs/job-list.js';
import { queryEmbedding } from '../../src/jobs/query-embedding.js';
import { openBackend, type QueueBackend } from '../../src/queue/backend.js';
import { connectRedis } from '../../src/queue/connect-redis.js';
import { type Consumer, startConsumer } from '../../src/queue/consumer.js';
import type { JobDefinition } from '../../src/queue/define-job.js';
import { createProducer } from '../../src/queue/producer.js';
import { createQueueLink, type QueueLink } from '../../src/queue/queue-link.js';
import { startRedis } from '../support/processes/servers.js';
import { createTestDatabase } from '../support/setup/database.js';
import { closeAtFileEnd } from '../support/setup/resources.js';
import { waitUntil } from '../support/setup/wait-until.js';
import { noTelemetry } from '../support/telemetry/telemetry.js';

const logger = pino({ level: process.env.QUEUE_LOG ?? 'silent' }, pino.destination(2));
const vector = Float32Array.from({ length: 384 }, (_, i) => Math.cos(i) / 20);

function open(backend: QueueBackend): JobProducer {
  const producer = createProducer({ jobs, backend, logger, telemetry: noTelemetry, requests: ['query-embedding'] });
  closeAtFileEnd('producer', producer.close);
  producer.warm();
  return producer;
}

function consume<Payload>(
  backend: QueueBackend,
  job: JobDefinition<string, Payload>,
  handle: (payload: Payload) => Promise<unknown>,
): Consumer {
  const consumer = startConsumer({ job, backend, handle, logger, telemetry: noTelemetry });
  closeAtFileEnd('consumer', consumer.close);
  return consumer;
}

/** A worker's vector of a text, as a front asks for it. */
const vectorOf = (producer: JobProducer, text: string, waitMs: number) =>
  producer.request('query-embedding', { text, deadline: Date.now() + waitMs }, waitMs);

function link(backend: QueueBackend) {
  const opened = createQueueLink({ backend, logger, watchMs: 1_000 });
  closeAtFileEnd('link', opened.close);
  return opened;
}

/** Where the way into the queue is not what is tested: with more time than a producer takes. */
const give = (watcher: QueueLink, passageId: string) =>
  watcher.use(embedding, 10_000, (queue) => queue.add('embedding', { passageIds: [passageId] }));

const backends = {
  redis: async (): Promise<QueueBackend> => ({ kind: 'redis', url: (await startRedis()).url }),
  postgres: async (): Promise<QueueBackend> => {
    const { url } = await createTestDatabase({ template: false });
    const opened = await openBackend({ databaseUrl: url, redisUrl: undefined }, logger);
    closeAtFileEnd('queue pool', opened.close);
    return opened.backend;
  },
};

describe.each(Object.entries(backends))('on %s', (_, openOne) => {
  it('brings every job to a consumer, merged where they came together', async () => {
    const backend = await openOne();
    const producer = open(backend);
    const got: string[][] = [];
    consume(backend, embedding, ({ passageIds }) => Promise.resolve(got.push(passageIds)));
    // Its first job opens the queue, which a slow machine may not do in the time that a job has.
    await waitUntil(() => {
      producer.enqueue('embedding', { passageIds: ['0'] });
      return got.length > 0;
    }, 'an open queue');
    got.length = 0;
    const ids = Array.from({ length: 40 }, (_x, i) => String(i + 1));
    for (const id of ids) producer.enqueue('embedding', { passageIds: [id] });
    const others = () => got.flat().filter((id) => id !== '0');
    await waitUntil(() => others().length >= ids.length, 'all jobs');
    expect(others().sort((a, b) => Number(a) - Number(b))).toEqual(ids);
    expect(got.filter((passageIds) => passageIds.some((id) => id !== '0')).length).toBeLessThan(ids.length);
  });

  it('fetches the vector of a query, and nothing once its time has passed or nobody answers', async () => {
    const backend = await openOne();
    const producer = open(backend);
    expect(await vectorOf(producer, 'nobody is there', 100)).toBeNull();
    consume(backend, queryEmbedding, ({ text }) => Promise.resolve(text === 'none' ? null : encodeVector(vector)));
    const found = await waitUntil(() => vectorOf(producer, 'a question', 2_000), 'a vector');
    expect(found).toEqual(vector);
    expect(await vectorOf(producer, 'none', 2_000)).toBeNull();
    // Neither answered nor abandoned queries stay.
    const watcher = link(backend);
    const left = () => watcher.use(queryEmbedding, 5_000, (queue) => queue.getJobCounts());
    await waitUntil(async () => Object.values(await left()).every((count) => count === 0), 'an empty queue');
  });

  it('fails a malformed payload without another attempt, and goes on', async () => {
    const backend = await openOne();
    const watcher = link(backend);
    const got: string[] = [];
    consume(backend, embedding, ({ passageIds }) => Promise.resolve(got.push(...passageIds)));
    const job = await watcher.use(embedding, 10_000, (queue) => queue.add('embedding', { passageIds: ['x; DROP'] }));
    await give(watcher, '5');
    await waitUntil(() => got.length > 0, 'the good job');
    expect(got).toEqual(['5']);
    const failed = await waitUntil(async () => {
      const [first] = await watcher.use(embedding, 5_000, (queue) => queue.getFailed());
      return first;
    }, 'the failed job');
    expect(failed).toMatchObject({ id: job.id, attemptsMade: 1 });
    expect(failed.failedReason).toMatch(/malformed payload/);
  });

  it('tries again what failed', async () => {
    const backend = await openOne();
    let attempts = 0;
    consume(backend, embedding, () => {
      attempts += 1;
      return attempts < 2 ? Promise.reject(new Error('not today')) : Promise.resolve();
    });
    await give(link(backend), '1');
    await waitUntil(() => attempts === 2, 'the second attempt');
  });

  it('gives back what it had taken when it closes', async () => {
    const backend = await openOne();
    let refuse: (error: AppError) => void = () => undefined;
    let taken = false;
    const first = consume(backend, embedding, () => {
      taken = true;
      return new Promise((_resolve, reject) => {
        refuse = reject;
      });
    });
    const watcher = link(backend);
    await give(watcher, '77');
    await waitUntil(() => taken, 'the job to be taken');
    const closed = first.close();
    refuse(new AppError({ code: 'not_ready', message: 'closing', fix: 'none', retryable: true }));
    await closed;
    const counts = await watcher.use(embedding, 10_000, (queue) => queue.getJobCounts());
    expect(counts).toMatchObject({ waiting: 1, active: 0, failed: 0 });
    const got: string[] = [];
    consume(backend, embedding, ({ passageIds }) => Promise.resolve(got.push(...passageIds)));
    await waitUntil(() => got.length > 0, 'the job given back');
    expect(got).toEqual(['77']);
  });
});

describe('with Redis in trouble', () => {
  it('drops jobs at once while Redis is absent, and gives them again when it is there', async () => {
    const redis = await startRedis({ started: false });
    const backend = { kind: 'redis', url: redis.url } as const;
    const producer = open(backend);
    await waitUntil(() => !producer.isUp(), 'the producer to notice');
    for (let i = 0; i < 10_000; i++) producer.enqueue('embedding', { passageIds: [String(i)] });
    expect(await vectorOf(producer, 'anything', 1_000)).toBeNull();
    const got: string[] = [];
    consume(backend, embedding, ({ passageIds }) => Promise.resolve(got.push(...passageIds)));
    await redis.start();
    await waitUntil(() => producer.isUp(), 'the producer to come back');
    await waitUntil(() => {
      producer.enqueue('embedding', { passageIds: ['12345'] });
      return got.length > 0;
    }, 'a job after the return');
    expect(new Set(got)).toEqual(new Set(['12345']));
  });

  it.each(['killed', 'stopped', 'emptied'])('goes on after Redis was %s', async (how) => {
    const redis = await startRedis();
    const backend = { kind: 'redis', url: redis.url } as const;
    const producer = open(backend);
    const got = new Set<string>();
    consume(backend, embedding, ({ passageIds }) => {
      for (const id of passageIds) got.add(id);
      return Promise.resolve();
    });
    consume(backend, queryEmbedding, () => Promise.resolve(encodeVector(vector)));
    producer.enqueue('embedding', { passageIds: ['1'] });
    await waitUntil(() => got.has('1'), 'a job before');
    await waitUntil(() => vectorOf(producer, 'before', 1_000), 'a vector before');

    if (how === 'emptied') await redis.command('FLUSHALL');
    else {
      if (how === 'killed') await redis.kill();
      else redis.pause();
      producer.enqueue('embedding', { passageIds: ['2'] });
      expect(await vectorOf(producer, 'meanwhile', 300)).toBeNull();
      await waitUntil(() => !producer.isUp(), 'the producer to notice');
      if (how === 'killed') await redis.start();
      else redis.resume();
      await waitUntil(() => producer.isUp(), 'the producer to come back');
    }
    producer.enqueue('embedding', { passageIds: ['3'] });
    await waitUntil(() => got.has('3'), 'a job after');
    await waitUntil(() => vectorOf(producer, 'after', 1_000), 'a vector after');
  });
});

it('logs nothing about a connection to Redis that is closed while it is being made', async () => {
  const { url } = await startRedis();
  const lines: string[] = [];
  const watched = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
  for (let round = 0; round < 5; round += 1) {
    const connection = await connectRedis(url, watched);
    const ended = new Promise((resolve) => (connection.queueConnection as Redis).once('end', () => resolve(true)));
    // So that the connection is being made.
    await nextRound();
    await connection.close();
    await ended;
  }
  expect(lines).toEqual([]);
});
