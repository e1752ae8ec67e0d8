// All that a process sends to its collector, in both modes and by both protocols: traces over processes, metrics, logs.
import { beforeAll, describe, expect, test } from 'vitest';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { startWorker } from '../../support/processes/processes.js';
import { startRedis } from '../../support/processes/servers.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { closeAtFileEnd } from '../../support/setup/resources.js';
import { waitUntil } from '../../support/setup/wait-until.js';
import {
  type CollectedSpan,
  type OtlpCollector,
  startGrpcCollector,
  startOtlpCollector,
} from '../../support/telemetry/otlp-collector.js';

const [SERVER, CLIENT, PRODUCER, CONSUMER] = [2, 3, 4, 5];
/** A sampled context of a client, as W3C Trace Context words it: the trace begins with a number of two digits. */
const TRACE_REST = 'f7651916cd43dd8448eb211c80319c';
const PARENT_ID = 'b7ad6b7169203331';
/** A passage is embedded within this time, in ms, unless the machine is busy. */
const EMBED_MS = 5_000;
const MAX_CALLS = 12;

const common = { POPSTASH_LOG_LEVEL: 'debug', OTEL_METRIC_EXPORT_INTERVAL: '500', OTEL_SERVICE_NAME: 'popstash-e2e' };

const modes: {
  mode: string;
  collect: () => Promise<OtlpCollector>;
  start: (otel: EnvironmentChange) => Promise<EnvironmentChange>;
}[] = [
  {
    mode: 'server mode over HTTP',
    collect: startOtlpCollector,
    start: async (otel) => {
      const [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
      const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, ...common, ...otel };
      await Promise.all([startWorker('embedding', env), startWorker('lock-expiry', env)]);
      return env;
    },
  },
  {
    mode: 'embedded mode over gRPC',
    collect: startGrpcCollector,
    start: async (otel) => ({
      POPSTASH_DATA_DIR: createDataFolder(),
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=blue',
      ...common,
      ...otel,
    }),
  },
];

describe.each(modes)('$mode', ({ mode, collect, start }) => {
  const isServer = mode.startsWith('server');
  let collector: OtlpCollector;
  let client: TestClient;
  let traceId = '';

  /**
   * A call whose own job gives its passage the vector. A worker that has just started may have found the passage by itself:
   * then the vector is in no trace of a call.
   */
  async function callInTrace(): Promise<void> {
    for (let n = 0; n < MAX_CALLS; n += 1) {
      traceId = `${String(n).padStart(2, '0')}${TRACE_REST}`;
      await client.mcp.callTool({
        name: 'insight',
        arguments: { key: 'secret-key', content: `The routes live in lib/router.ex, line ${n}.` },
        _meta: { traceparent: `00-${traceId}-${PARENT_ID}-01` },
      });
      const isEmbedded = () =>
        collector.spans.some((span) => span.traceId === traceId && span.name === 'UPDATE passages');
      if (await waitUntil(isEmbedded, 'the vector', { timeoutMs: EMBED_MS }).catch(() => false)) return;
    }
  }

  beforeAll(async () => {
    collector = await collect();
    closeAtFileEnd('collector', collector.close);
    client = await connectClient({ env: await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint }) });
    await callInTrace();
    await client.callRaw('insight', { content: '' });
    await client.call('acquire', { patterns: ['a.ts'] });
    await client.call('release', { patterns: ['a.ts'] });
  });

  const inTrace = (name: string, where: (span: CollectedSpan) => boolean = () => true) =>
    waitUntil(
      () => collector.spans.find((span) => span.traceId === traceId && span.name === name && where(span)),
      `${name} in the client's trace; there are ${[...new Set(collector.spans.map((span) => span.name))].join(', ')}`,
    );
  const below = (parent: CollectedSpan) => (span: CollectedSpan) => span.parentSpanId === parent.spanId;

  test("a client's traceparent is the parent of its call", async () => {
    const call = await inTrace('tools/call insight');
    expect(call).toMatchObject({ kind: SERVER, parentSpanId: PARENT_ID, status: { code: 0 } });
  });

  test('one trace goes from the call through the database and the queue to the vector of its passage', async () => {
    const call = await inTrace('tools/call insight');
    const create = await inTrace('pop_stash.insight.create', below(call));
    const insert = await waitUntil(
      () => collector.spans.find((span) => span.name.includes('INSERT insights') && below(create)(span)),
      'the statement that writes the insight',
    );
    expect(insert).toMatchObject({ kind: CLIENT, traceId });
    const add = await inTrace('add embedding.embedding', below(call));
    expect(add.kind).toBe(PRODUCER);
    const process = await inTrace('process embedding', below(add));
    expect(process.kind).toBe(CONSUMER);
    const job = await inTrace('pop_stash.job.embedding', below(process));
    const embed = await inTrace('pop_stash.passage.embed', below(job));
    const write = await inTrace('UPDATE passages', below(embed));
    expect(write).toMatchObject({ kind: CLIENT, resource: process.resource });
    // The command to Redis, or the function of the queue's tables, that gave the job.
    const give = await waitUntil(() => collector.spans.find(below(add)), 'the command that gave the job');
    expect(give.kind).toBe(CLIENT);
    expect(give.attributes['db.system.name']).toBe(isServer ? 'redis' : 'postgresql');
    expect(process.resource['process.pid'] !== call.resource['process.pid']).toBe(isServer);
  });

  test('statements are named without text or values', async () => {
    const write = await inTrace('UPDATE passages');
    const { 'db.namespace': namespace, ...attributes } = write.attributes;
    expect(namespace).toMatch(/^(popstash_|postgres)/);
    expect(attributes).toEqual({
      'db.system.name': 'postgresql',
      'db.operation.name': 'UPDATE',
      'db.query.summary': 'UPDATE passages',
      'db.collection.name': 'passages',
    });
    const databases = collector.spans.filter(({ kind }) => kind === CLIENT);
    expect(JSON.stringify(databases)).not.toMatch(/secret-key|router\.ex/);
  });

  test('durations of tools are an exponential histogram in seconds, failures by error.type', async () => {
    const find = (failed: boolean) =>
      waitUntil(
        () =>
          collector.points.find(
            ({ name, attributes }) =>
              name === 'mcp.server.operation.duration' &&
              attributes['gen_ai.tool.name'] === 'insight' &&
              (attributes['error.type'] === 'tool_error') === failed,
          ),
        `the duration of a call, failed: ${failed}`,
      );
    const [good, failed] = await Promise.all([find(false), find(true)]);
    expect(good).toMatchObject({ type: 'exponential', unit: 's' });
    expect(good.sum).toBeGreaterThan(0);
    expect(good.sum).toBeLessThan(60 * MAX_CALLS);
    expect(good.count).toBeGreaterThan(0);
    expect(good.buckets.reduce((sum, count) => sum + count, 0)).toBe(good.count);
    expect(failed.count).toBe(1);
  });

  test.each([
    ['pop_stash.queue.depth', '{job}', 'gauge'],
    ['pop_stash.queue.oldest.age', 's', 'gauge'],
    ['pop_stash.agents.live', '{agent}', 'gauge'],
    ['pop_stash.embedding.lag', 's', 'exponential'],
    ['pop_stash.lock.wait.duration', 's', 'exponential'],
    ['pop_stash.lock.hold.duration', 's', 'exponential'],
  ])('metric %s in %s', async (name, unit, type) => {
    const point = await waitUntil(() => collector.points.find((candidate) => candidate.name === name), name);
    expect(point).toMatchObject({ unit, type });
    expect(point.description).not.toBe('');
    if (name === 'pop_stash.agents.live') {
      await waitUntil(
        () => collector.points.some((later) => later.name === name && later.value === 1),
        'one live agent',
      );
    }
  });

  test('log lines reach the collector, with the process that wrote them', async () => {
    const body = isServer ? 'ready: takes jobs' : 'storage is open';
    const line = await waitUntil(() => collector.logs.find((log) => log.body === body), `the line "${body}"`);
    expect(line).toMatchObject({ severity: 'INFO', severityNumber: 9, resource: { 'service.name': 'popstash-e2e' } });
  });

  if (!isServer) test('headers are sent', () => expect(collector.headers['x-team']).toBe('blue'));
});
