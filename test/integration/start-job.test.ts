// A job as a newcomer would add one: defined here, given, scheduled, throttled, repeated and closed by the mechanism alone.
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { openBackend, type QueueBackend } from '../../src/queue/backend.js';
import { type JobDefinition, jobDefiner, type StartedJob } from '../../src/queue/define-job.js';
import { createProducer } from '../../src/queue/producer.js';
import { createQueueLink } from '../../src/queue/queue-link.js';
import { startJob, startJobs } from '../../src/queue/start-job.js';
import { startRedis } from '../support/processes/servers.js';
import { createTestDatabase } from '../support/setup/database.js';
import { closeAtFileEnd } from '../support/setup/resources.js';
import { waitUntil } from '../support/setup/wait-until.js';
import { noTelemetry } from '../support/telemetry/telemetry.js';

const logger = pino({ level: process.env.QUEUE_LOG ?? 'silent' }, pino.destination(2));
const HOUR_MS = 3_600_000;
const PERIOD_MS = 1_000;

interface Resources {
  seen: { project: string; at: number }[];
  repeated: number[];
}

/** A roll-up as reports call for it: once a period for each project, and hourly for all. */
const rollUp = jobDefiner<Resources>()({
  name: 'roll-up',
  payload: z.object({ project: z.string() }),
  options: { attempts: 2 },
  concurrency: { redis: 1, postgres: 1 },
  throttle: { key: ({ project }) => project, everyMs: PERIOD_MS },
  schedule: { hourly: { everyMs: HOUR_MS, payload: { project: 'all' } } },
  runsIn: ['local-server'],
  needs: ['seen', 'repeated'],
  start: ({ seen, repeated }) =>
    Promise.resolve({
      handle: ({ project }) => Promise.resolve(seen.push({ project, at: Date.now() })),
      repeats: [
        { name: 'tick', run: () => Promise.resolve(repeated.push(Date.now())).then(() => 20), retryMs: 20 },
        { name: 'failing', run: () => Promise.reject(new Error('not today')), retryMs: 20 },
      ],
    }),
});

/** What somebody waits for. */
const double = jobDefiner<object>()({
  name: 'double',
  payload: z.object({ value: z.number() }),
  result: z.number(),
  options: { attempts: 1, removeOnComplete: true, removeOnFail: true },
  concurrency: { redis: 1, postgres: 1 },
  worker: 'roll-up',
  runsIn: [],
  needs: [],
  start: () => Promise.resolve({ handle: ({ value }) => Promise.resolve(value < 0 ? 'no number' : value * 2) }),
});
const jobs = [rollUp, double] as const;

const backends = {
  redis: async (): Promise<QueueBackend> => ({ kind: 'redis', url: (await startRedis()).url }),
  postgres: async (): Promise<QueueBackend> => {
    const { url } = await createTestDatabase({ template: false });
    const opened = await openBackend({ databaseUrl: url, redisUrl: undefined }, logger);
    closeAtFileEnd('queue pool', opened.close);
    return opened.backend;
  },
};

function produce(backend: QueueBackend) {
  const producer = createProducer({ jobs, backend, logger, telemetry: noTelemetry, requests: ['double'] });
  closeAtFileEnd('producer', producer.close);
  producer.warm();
  return producer;
}

function openLink(backend: QueueBackend) {
  const link = createQueueLink({ backend, logger, watchMs: 500 });
  closeAtFileEnd('link', link.close);
  return link;
}

describe.each(Object.entries(backends))('a job on %s', (_, openOne) => {
  it('runs once a period and key, at its end, whichever processes give it', async () => {
    const backend = await openOne();
    const resources: Resources = { seen: [], repeated: [] };
    const running = await startJob(rollUp, { resources, backend, logger, telemetry: noTelemetry });
    closeAtFileEnd('roll-up', running.close);
    const producers = [produce(backend), produce(backend)];
    // The first job of each opens the queue, which a slow machine may not do in the time that a job has.
    for (const [index, producer] of producers.entries()) {
      const project = `first of ${index}`;
      await waitUntil(() => {
        producer.enqueue('roll-up', { project });
        return resources.seen.some((one) => one.project === project);
      }, 'an open queue');
    }
    const link = openLink(backend);
    const isIdle = async () => {
      const counts = await link.use(rollUp, 5_000, (queue) => queue.getJobCounts('delayed', 'waiting', 'active'));
      // One job of the schedule waits for its hour.
      return Object.values(counts).reduce((sum, count) => sum + count, 0) <= 1;
    };
    // All within one period.
    await waitUntil(() => Date.now() % PERIOD_MS < PERIOD_MS / 4, 'the beginning of a period', { intervalMs: 5 });
    const given = Date.now();
    for (const producer of [...producers, ...producers]) {
      for (const project of ['a', 'b', 'a']) producer.enqueue('roll-up', { project });
    }
    const of = (project: string) => resources.seen.filter((one) => one.project === project);
    await waitUntil(() => of('a').length > 0 && of('b').length > 0, 'the roll-ups');
    await waitUntil(isIdle, 'an idle queue');
    expect([of('a').length, of('b').length]).toEqual([1, 1]);
    expect(of('a')[0]?.at).toBeGreaterThanOrEqual((Math.floor(given / PERIOD_MS) + 1) * PERIOD_MS);
  });

  it('is put into the queue by its schedule, and repeats beside it until it is closed', async () => {
    const backend = await openOne();
    const resources: Resources = { seen: [], repeated: [] };
    const running = await startJob(rollUp, { resources, backend, logger, telemetry: noTelemetry });
    closeAtFileEnd('roll-up', running.close);
    const link = openLink(backend);
    const schedules = () => link.use(rollUp, 5_000, (queue) => queue.getJobSchedulers());
    const found = await waitUntil(async () => {
      const all = await schedules().catch(() => []);
      return all.length > 0 && all;
    }, 'the schedule');
    expect(found.map(({ key, every }) => ({ key, every }))).toEqual([{ key: 'hourly', every: HOUR_MS }]);
    await waitUntil(() => resources.repeated.length > 2, 'the repeats');
    await running.close();
    const count = resources.repeated.length;
    await running.close();
    expect(resources.repeated).toHaveLength(count);
  });

  it('gives its result, read by its schema, to the one who asked', async () => {
    const backend = await openOne();
    const running = await startJob(double, { resources: {}, backend, logger, telemetry: noTelemetry });
    closeAtFileEnd('double', running.close);
    const producer = produce(backend);
    expect(await waitUntil(() => producer.request('double', { value: 21 }, 2_000), 'a result')).toBe(42);
    expect(await producer.request('double', { value: -1 }, 2_000)).toBeNull();
  });
});

it('closes the jobs that had started when another can not start', async () => {
  const backend = await backends.redis();
  let closed = false;
  const host = { resources: {}, backend, logger, telemetry: noTelemetry };
  const good: JobDefinition = {
    ...double,
    name: 'good',
    start: (): Promise<StartedJob<unknown>> =>
      Promise.resolve({
        handle: () => Promise.resolve(),
        close: () => {
          closed = true;
          return Promise.resolve();
        },
      }),
  };
  const bad: JobDefinition = { ...double, name: 'bad', start: () => Promise.reject(new Error('no model')) };
  await expect(startJobs([good, bad], host)).rejects.toThrow('no model');
  expect(closed).toBe(true);
});
