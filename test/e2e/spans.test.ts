// Every storage event is a span, named and attributed as in the plan, and one trace goes from the call into the worker.
import { beforeAll, describe, expect, test } from 'vitest';
import { connectClient } from '../support/client.js';
import { createTestDatabase } from '../support/database.js';
import type { EnvironmentChange } from '../support/environment.js';
import { createDataFolder } from '../support/folders.js';
import { type CollectedSpan, type OtlpCollector, startOtlpCollector } from '../support/otlp-collector.js';
import { startWorker } from '../support/processes.js';
import { closeAtFileEnd } from '../support/resources.js';
import { startRedis } from '../support/servers.js';
import { waitUntil } from '../support/wait-until.js';

/** The rows of the plan's table whose events exist by now, with an attribute list each. */
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
  ['pop_stash.agent.connect', ['agent.id', 'agent.name']],
  ['pop_stash.agent.disconnect', ['agent.id', 'reason']],
  ['pop_stash.activity.log', ['activity.type', 'agent.id']],
];

const modes: { mode: string; start: (otel: EnvironmentChange) => Promise<EnvironmentChange> }[] = [
  {
    mode: 'server',
    start: async (otel) => {
      const [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
      const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, ...otel };
      await startWorker('embedding', env);
      return env;
    },
  },
  { mode: 'embedded', start: async (otel) => ({ POPSTASH_DATA_DIR: createDataFolder(), ...otel }) },
];

describe.each(modes)('spans, $mode mode', ({ start }) => {
  let collector: OtlpCollector;
  let insightId: string;

  beforeAll(async () => {
    collector = await startOtlpCollector();
    closeAtFileEnd('collector', collector.close);
    const env = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_SERVICE_NAME: 'popstash-e2e' });
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
    await client.callRaw('forget', { id: 'insight_0000000000000000' });
    await client.call('forget', { id: insight_id });
    await client.close();
  });

  async function collected(name: string, where: (span: CollectedSpan) => boolean = () => true): Promise<CollectedSpan> {
    return waitUntil(() => collector.spans.find((span) => span.name === name && where(span)), `a span ${name}`);
  }

  test.each(EVENTS)('%s', async (name, attributes) => {
    const span = await collected(name, (candidate) => candidate.status.code === 0);
    expect(Object.keys(span.attributes)).toEqual(expect.arrayContaining([...attributes]));
    expect(span.attributes['agent.id'] ?? '').toMatch(/^agent_/);
    expect(span.resource).toMatchObject({ 'service.name': 'popstash-e2e', 'service.namespace': 'popstash' });
  });

  test('one trace goes from the call through the job into the worker', async () => {
    const create = await collected('pop_stash.insight.create', (span) => span.attributes['insight.id'] === insightId);
    const inTrace = (span: CollectedSpan) => span.traceId === create.traceId;
    const call = await collected('mcp.tools/call', inTrace);
    expect(create.parentSpanId).toBe(call.spanId);
    expect(call.attributes['mcp.tool.name']).toBe('insight');
    const job = await collected('pop_stash.job.embedding', inTrace);
    const embed = await collected('pop_stash.passage.embed', inTrace);
    expect(embed.parentSpanId).toBe(job.spanId);
  });

  test('a refused call marks its span without an exception', async () => {
    const refused = await collected('pop_stash.insight.delete', (span) => span.status.code === 2);
    expect(refused).toMatchObject({ status: { message: 'not_found' }, events: [] });
  });
});
