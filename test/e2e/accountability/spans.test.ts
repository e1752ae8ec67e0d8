// Every storage event is a span with its documented name and attributes; one trace goes from the call into the worker.
import { beforeAll, describe, expect, test } from 'vitest';
import { agentIdOf, untilDeathCounts } from '../../support/processes/agents.js';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { startWorker } from '../../support/processes/processes.js';
import { startRedis } from '../../support/processes/servers.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { closeAtFileEnd } from '../../support/setup/resources.js';
import { waitUntil } from '../../support/setup/wait-until.js';
import { type CollectedSpan, type OtlpCollector, startOtlpCollector } from '../../support/telemetry/otlp-collector.js';

/** Spans that users may rely on, with the attributes of each. */
const EVENTS: readonly (readonly [span: string, attributes: readonly string[]])[] = [
  ['pop_stash.stash.create', ['stash.id', 'stash.name', 'agent.id']],
  ['pop_stash.stash.pop', ['stash.id', 'stash.name', 'agent.id']],
  ['pop_stash.stash.delete', ['stash.id', 'agent.id']],
  ['pop_stash.insight.create', ['insight.id', 'insight.key', 'agent.id']],
  ['pop_stash.insight.recall', ['insight.id', 'query', 'agent.id']],
  ['pop_stash.insight.update', ['insight.id', 'insight.key', 'agent.id']],
  ['pop_stash.insight.delete', ['insight.id', 'agent.id']],
  ['pop_stash.decision.create', ['decision.id', 'decision.topic', 'agent.id']],
  ['pop_stash.decision.query', ['topic', 'count', 'agent.id']],
  ['pop_stash.lock.acquire', ['lock.id', 'lock.pattern', 'agent.id']],
  ['pop_stash.lock.release', ['lock.id', 'lock.pattern', 'agent.id']],
  ['pop_stash.session.start', ['session.id', 'task', 'agent.id']],
  ['pop_stash.session.end', ['session.id', 'status', 'cost_usd', 'agent.id']],
  ['pop_stash.agent.connect', ['agent.client', 'agent.id', 'agent.name']],
  ['pop_stash.agent.disconnect', ['agent.id', 'reason']],
  ['pop_stash.activity.log', ['activity.type', 'agent.id']],
];

/** `SpanKind` as the protocol numbers it. */
const SERVER = 2;

/** Of a lock whose call names no other, in minutes: about a second. */
const SHORT_LIFE = { POPSTASH_LOCK_EXPIRY_MINUTES: '0.02' };

const modes: {
  mode: string;
  start: (otel: EnvironmentChange) => Promise<EnvironmentChange>;
  transport: string;
  /** What is recorded of an agent whose client closed its connection, and of one that was killed. */
  reasons: { closed: string; killed: string };
}[] = [
  {
    mode: 'server',
    start: async (otel) => {
      const [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
      const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, ...SHORT_LIFE, ...otel };
      await Promise.all([startWorker('embedding', env), startWorker('lock-expiry', env)]);
      await untilDeathCounts(database.pool);
      return env;
    },
    transport: 'pipe',
    reasons: { closed: 'stdin ended', killed: 'process_gone' },
  },
  {
    mode: 'embedded',
    start: async (otel) => ({ POPSTASH_DATA_DIR: createDataFolder(), ...SHORT_LIFE, ...otel }),
    transport: process.platform === 'win32' ? 'pipe' : 'unix',
    reasons: { closed: 'connection closed', killed: 'connection closed' },
  },
];

const findSpan = (collector: OtlpCollector, name: string, where: (span: CollectedSpan) => boolean = () => true) =>
  waitUntil(() => collector.spans.find((span) => span.name === name && where(span)), `a span ${name}`);

/** The topmost span above that has arrived. */
function rootOf(collector: OtlpCollector, span: CollectedSpan): CollectedSpan | undefined {
  if (span.parentSpanId === '') return span;
  const parent = collector.spans.find(({ spanId }) => spanId === span.parentSpanId);
  return parent && rootOf(collector, parent);
}

describe.each(modes)('spans, $mode mode', ({ start, reasons, transport }) => {
  let collector: OtlpCollector;
  let env: EnvironmentChange;
  let insightId: string;

  beforeAll(async () => {
    collector = await startOtlpCollector();
    closeAtFileEnd('collector', collector.close);
    env = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_SERVICE_NAME: 'popstash-e2e' });
    const client = await connectClient({ env, clientName: 'tracer' });
    await client.call('stash', { name: 'wip', summary: 'Moving the routes.' });
    await client.call('pop', { query: 'wip', drop: true });
    const insight = { key: 'routes', content: 'All routes live in lib/router.ex.' };
    insightId = (await client.call<{ insight_id: string }>('insight', insight)).insight_id;
    await client.call('recall', { query: 'where do routes live' });
    const changed = { ...insight, content: 'All routes live in lib/routes.ex.' };
    const { insight_id } = await client.call<{ insight_id: string }>('insight', changed);
    await client.call('decide', { topic: 'routing', decision: 'One file for all routes.' });
    await client.call('get_decisions', { topic: 'routing' });
    await client.call('start_task', { task: 'Trace a task', files: ['traced.ts'] });
    await client.call('end_task', { summary: 'Traced.', tokens_in: 1_000, tokens_out: 100, model: 'claude-opus-4-5' });
    await client.callRaw('forget', { id: 'insight_0000000000000000' });
    await client.call('forget', { id: insight_id });
    await client.close();
  });

  const collected = (name: string, where?: (span: CollectedSpan) => boolean) => findSpan(collector, name, where);

  test.each(EVENTS)('%s', async (name, attributes) => {
    const span = await collected(name, (candidate) => candidate.status.code === 0);
    expect(Object.keys(span.attributes)).toEqual(expect.arrayContaining([...attributes]));
    expect(span.attributes['agent.id'] ?? '').toMatch(/^agent_/);
    expect(span.resource).toMatchObject({ 'service.name': 'popstash-e2e', 'service.namespace': 'popstash' });
    await waitUntil(() => rootOf(collector, span)?.kind === SERVER, `a SERVER span above ${name}`);
  });

  test('one trace goes from the call through the job into the worker', async () => {
    const create = await collected('pop_stash.insight.create', (span) => span.attributes['insight.id'] === insightId);
    const inTrace = (span: CollectedSpan) => span.traceId === create.traceId;
    const call = await collected('tools/call insight', inTrace);
    expect(create.parentSpanId).toBe(call.spanId);
    expect(call).toMatchObject({
      kind: SERVER,
      attributes: {
        'mcp.method.name': 'tools/call',
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'insight',
        'mcp.protocol.version': '2025-11-25',
        'network.transport': transport,
        'jsonrpc.request.id': expect.stringMatching(/^\d+$/),
      },
    });
    const job = await collected('pop_stash.job.embedding', inTrace);
    const embed = await collected('pop_stash.passage.embed', inTrace);
    expect(embed.parentSpanId).toBe(job.spanId);
  });

  test('the end of a task has its cost, and its activity the task', async () => {
    const ended = await collected('pop_stash.session.end', ({ attributes }) => attributes.status === 'completed');
    expect(ended.attributes.cost_usd).toBeCloseTo(0.0075, 9);
    const logged = await collected(
      'pop_stash.activity.log',
      ({ attributes }) => attributes['activity.type'] === 'task_ended',
    );
    expect(logged.attributes).toMatchObject({
      'session.id': ended.attributes['session.id'],
      'agent.id': ended.attributes['agent.id'],
    });
  });

  test('a refused call marks its span without an exception', async () => {
    const refused = await collected('pop_stash.insight.delete', (span) => span.status.code === 2);
    expect(refused).toMatchObject({ status: { message: 'not_found' }, events: [] });
    const call = await collected('tools/call forget', ({ spanId }) => spanId === refused.parentSpanId);
    expect(call).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'tool_error' }, events: [] });
  });

  test('a lock whose time is up', async () => {
    const holder = await connectClient({ env });
    const agentId = await agentIdOf(holder);
    const { acquired } = await holder.call<{ acquired: unknown[] }>('acquire', { patterns: ['over/**'] });
    expect(acquired).toHaveLength(1);
    const expired = await collected('pop_stash.lock.expire');
    expect(expired).toMatchObject({
      status: { code: 0 },
      attributes: { 'lock.pattern': 'over/**', 'agent.id': agentId },
    });
    const granted = await collected('pop_stash.lock.acquire', (span) => span.attributes['agent.id'] === agentId);
    expect(expired.attributes).toEqual(granted.attributes);
    await holder.close();
  });

  const ends: [how: string, reason: string, end: (client: TestClient) => unknown][] = [
    ['is closed', reasons.closed, (client) => client.close()],
    ['is killed', reasons.killed, (client) => client.kill('SIGKILL')],
  ];
  test.each(ends)('an agent whose connection %s: its end, its locks and its task', async (_, reason, end) => {
    const holder = await connectClient({ env });
    const agentId = await agentIdOf(holder);
    const { session_id } = await holder.call<{ session_id: string }>('start_task', {
      task: 'Leave things behind',
      files: ['left/a.ts', 'left/b/**'],
      ttl_minutes: 30,
    });
    const ofAgent = (span: CollectedSpan) => span.attributes['agent.id'] === agentId;
    const locks = (name: string) =>
      collector.spans.filter((span) => span.name === `pop_stash.lock.${name}` && ofAgent(span));
    // A process that is killed takes the spans along that it has not sent yet.
    await waitUntil(() => locks('acquire').length === 2, 'the spans of the locks');
    await end(holder);
    const gone = await collected('pop_stash.agent.disconnect', ofAgent);
    expect(gone).toMatchObject({ status: { code: 0 }, attributes: { 'agent.id': agentId, reason } });
    // Below what connected it, if the process that knows it ends it.
    const known = gone.parentSpanId !== '';
    expect(known).toBe(reason !== 'process_gone');
    if (known) await collected('notifications/initialized', ({ spanId }) => spanId === gone.parentSpanId);
    const within = (span: CollectedSpan) => span.parentSpanId === gone.spanId;
    const session = await collected('pop_stash.session.end', within);
    expect(session.attributes).toEqual({ 'session.id': session_id, status: 'abandoned', 'agent.id': agentId });
    const released = locks('release');
    expect(released.map((span) => span.attributes['lock.pattern']).sort()).toEqual(['left/a.ts', 'left/b/**']);
    expect(released.every(within)).toBe(true);
    const attributesOf = (spans: CollectedSpan[]) => spans.map((span) => span.attributes);
    expect(attributesOf(released)).toEqual(expect.arrayContaining(attributesOf(locks('acquire'))));
  });
});

test('a lock whose time is up is recorded by the next taker where no worker has seen it', async () => {
  const collector = await startOtlpCollector();
  closeAtFileEnd('collector', collector.close);
  const { url } = await createTestDatabase();
  const env = { DATABASE_URL: url, ...SHORT_LIFE, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint };
  const [holder, taker] = await Promise.all([connectClient({ env }), connectClient({ env })]);
  const agentId = await agentIdOf(holder);
  await holder.call('acquire', { patterns: ['over.ts'] });
  const { acquired } = await taker.call<{ acquired: unknown[] }>('acquire', {
    patterns: ['over.ts'],
    wait_seconds: 50,
  });
  expect(acquired).toHaveLength(1);
  const expired = await findSpan(collector, 'pop_stash.lock.expire');
  expect(expired.attributes).toMatchObject({ 'lock.pattern': 'over.ts', 'agent.id': agentId });
  expect(expired.attributes['lock.id']).toMatch(/^lock_/);
  const call = await findSpan(collector, 'tools/call acquire', ({ spanId }) => spanId === expired.parentSpanId);
  expect(call.attributes).toMatchObject({ 'gen_ai.tool.name': 'acquire', 'agent.id': await agentIdOf(taker) });
});
