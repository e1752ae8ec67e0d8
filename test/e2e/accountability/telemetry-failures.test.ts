// What a collector is told of failing jobs, degraded searches and batches of jobs.
import { Queue } from 'bullmq';
import { expect, test } from 'vitest';
import { connectClient } from '../../support/processes/client.js';
import { startWorker } from '../../support/processes/processes.js';
import { startRedis } from '../../support/processes/servers.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { closeAtFileEnd } from '../../support/setup/resources.js';
import { waitUntil } from '../../support/setup/wait-until.js';
import { startOtlpCollector } from '../../support/telemetry/otlp-collector.js';

const PRODUCER = 4;

async function startServerMode() {
  const [database, redis, collector] = await Promise.all([createTestDatabase(), startRedis(), startOtlpCollector()]);
  closeAtFileEnd('collector', collector.close);
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_METRIC_EXPORT_INTERVAL: '300',
  };
  const point = (name: string) =>
    waitUntil(() => collector.points.find((candidate) => candidate.name === name), `the metric ${name}`);
  return { env, redis, collector, point };
}

test('a search without its vector is counted by the part that it lacks', async () => {
  // No worker: nobody answers with the query's vector.
  const { env, point } = await startServerMode();
  const client = await connectClient({ env });
  await client.call('insight', { key: 'routes', content: 'All routes live in lib/router.ex.' });
  expect(await client.call('recall', { query: 'where do routes live' })).toMatchObject({ degraded: ['embedding'] });
  expect(await point('pop_stash.search.degradations')).toMatchObject({
    type: 'sum',
    unit: '{search}',
    value: 1,
    attributes: { 'search.part': 'embedding' },
  });
  await client.close();
});

test('a failed attempt is counted by its queue', async () => {
  const { env, redis, point } = await startServerMode();
  await startWorker('embedding', env);
  const queue = new Queue('embedding', { connection: { url: redis.url } });
  closeAtFileEnd('queue', () => queue.close());
  await queue.add('embedding', { passageIds: 'none' });
  expect(await point('pop_stash.queue.failures')).toMatchObject({
    type: 'sum',
    unit: '{attempt}',
    value: 1,
    attributes: { 'messaging.destination.name': 'embedding' },
  });
});

test('each job of a batch has a PRODUCER span of its own, in the trace of its call', async () => {
  const { env, collector } = await startServerMode();
  const client = await connectClient({ env });
  // The queue's library is loaded, so that what is given together is given in one batch.
  await client.call('insight', { key: 'first', content: 'The first.' });
  await waitUntil(() => collector.spans.some(({ name }) => name === 'add embedding.embedding'), 'the first job');
  const calls = Array.from({ length: 20 }, (_, n) => ({
    trace: `${String(n).padStart(2, '0')}f7651916cd43dd8448eb211c80319c`,
    key: `key-${n}`,
  }));
  await Promise.all(
    calls.map(({ trace, key }) =>
      client.mcp.callTool({
        name: 'insight',
        arguments: { key, content: `All of ${key}.` },
        _meta: { traceparent: `00-${trace}-b7ad6b7169203331-01` },
      }),
    ),
  );
  const added = ({ trace }: { trace: string }) =>
    collector.spans.filter(({ traceId, name }) => traceId === trace && name === 'add embedding.embedding');
  await waitUntil(() => calls.every((call) => added(call).length === 1), 'a PRODUCER span of each job');
  const spans = calls.flatMap(added);
  expect(spans.every(({ kind }) => kind === PRODUCER)).toBe(true);
  const inBatch = spans.filter(({ attributes }) => Number(attributes['bullmq.job.bulk.count']) > 1);
  expect(inBatch.length).toBeGreaterThan(1);

  await startWorker('embedding', env);
  const processed = (add: (typeof spans)[number]) =>
    collector.spans.some(({ name, parentSpanId }) => name === 'process embedding' && parentSpanId === add.spanId);
  await waitUntil(() => inBatch.every(processed), 'each job of the batch, below its own PRODUCER span');
  await client.close();
});
