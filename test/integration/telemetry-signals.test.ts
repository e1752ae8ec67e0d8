// What the environment switches on, in a process that is started by hand and in one with the whole SDK.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, stop } from 'esbuild';
import { afterEach, describe, expect, it } from 'vitest';
import type { Environment } from '../../src/config.js';
import { createLogger, type Logger } from '../../src/logger.js';
import { findPackage } from '../../src/package-root.js';
import { parseConfig } from '../../src/parse-config.js';
import { receiverUrl } from '../../src/receiver-address.js';
import { createTelemetry } from '../../src/telemetry/create-telemetry.js';
import type { ProcessLife, Telemetry } from '../../src/telemetry/telemetry-types.js';
import { type OtlpCollector, startGrpcCollector, startOtlpCollector } from '../support/telemetry/otlp-collector.js';

const ROOT = findPackage().root;
const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function collect(open: () => Promise<OtlpCollector> = startOtlpCollector): Promise<OtlpCollector> {
  const collector = await open();
  closers.push(collector.close);
  return collector;
}

/** Sets what the SDK itself reads, too. */
async function start(environment: Environment, life?: ProcessLife, logger?: Logger): Promise<Telemetry> {
  for (const [name, value] of Object.entries(environment)) {
    process.env[name] = value;
    closers.push(() => void delete process.env[name]);
  }
  const { telemetry: configured } = parseConfig(environment);
  const log = logger ?? createLogger('silent', 'test');
  const telemetry = await createTelemetry({ version: '1.2.3', telemetry: configured }, log, life);
  closers.push(telemetry.close);
  return telemetry;
}

const lives: ProcessLife[] = ['short', 'long'];
const protocols = [
  ['http/protobuf', startOtlpCollector],
  ['grpc', startGrpcCollector],
] as const;

describe.each(lives)('a process of %s life', (life) => {
  it.each(protocols)('sends traces, metrics and logs by %s', async (protocol, open) => {
    const collector = await collect(open);
    const logger = createLogger('info', 'worker');
    const telemetry = await start(
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-team=blue',
        OTEL_RESOURCE_ATTRIBUTES: 'service.name=from-resource,deployment.environment.name=test',
      },
      life,
      logger,
    );
    await telemetry.withSpan('work', {}, async () => {
      telemetry.record('event', { 'lock.id': 'lock_1' });
      logger.child({ part: 'a' }).warn({ err: new TypeError('broke'), jobs: 3, list: [1] }, 'a line');
    });
    telemetry.metrics.toolCalled(250, { tool: 'recall', transport: 'pipe' });
    await telemetry.close();

    expect(collector.headers['x-team']).toBe('blue');
    const [event, work] = collector.spans;
    expect(event).toMatchObject({ name: 'event', parentSpanId: work?.spanId, attributes: { 'lock.id': 'lock_1' } });
    expect(event?.end).toBe(event?.start);
    expect(work?.resource).toMatchObject({ 'service.name': 'from-resource', 'deployment.environment.name': 'test' });
    expect(work?.resource).not.toHaveProperty('process.command_args');
    expect(collector.points).toMatchObject([
      { name: 'mcp.server.operation.duration', type: 'exponential', unit: 's', count: 1, sum: 0.25 },
    ]);
    expect(collector.logs).toMatchObject([
      {
        body: 'a line',
        severity: 'WARN',
        severityNumber: 13,
        traceId: work?.traceId,
        spanId: work?.spanId,
        attributes: {
          'popstash.process': 'worker',
          'exception.type': 'TypeError',
          'exception.message': 'broke',
          part: 'a',
          jobs: 3,
          list: '[1]',
        },
      },
    ]);
  });

  it('sends only the signals that have an exporter, each to its own endpoint', async () => {
    const [traces, metrics] = [await collect(), await collect()];
    const telemetry = await start(
      {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${traces.endpoint}/v1/traces`,
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${metrics.endpoint}/v1/metrics`,
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      },
      life,
    );
    await telemetry.withSpan('work', {}, () => Promise.resolve());
    telemetry.metrics.lockWaited(5, 'granted');
    await telemetry.close();
    expect(traces.json).toMatchObject([{ path: '/v1/traces', body: { resourceSpans: [{}] } }]);
    expect(JSON.stringify(traces.json)).toContain('"name":"work"');
    expect(metrics.requests).toBe(0);
  });

  it('obeys the sampler', async () => {
    const collector = await collect();
    const telemetry = await start(
      { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_TRACES_SAMPLER: 'always_off' },
      life,
    );
    await telemetry.withSpan('unsampled', {}, () => Promise.resolve());
    await telemetry.close();
    expect(collector.spans).toEqual([]);
  });

  it('goes on where the collector refuses', async () => {
    const collector = await collect(() => startOtlpCollector('refuse'));
    const telemetry = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint }, life);
    expect(await telemetry.withSpan('work', {}, () => Promise.resolve(7))).toBe(7);
    await telemetry.close();
    expect(collector.requests).toBeGreaterThan(0);
  });
});

it('is off without an endpoint, when disabled, and with empty variables', () => {
  const read = (environment: Environment) => parseConfig(environment).telemetry;
  expect(read({})).toBeUndefined();
  expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_EXPORTER_OTLP_PROTOCOL: '' })).toBeUndefined();
  expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4318', OTEL_SDK_DISABLED: 'true' })).toBeUndefined();
  // The variables of Claude Code's own telemetry, which its servers may inherit.
  const ofClient = {
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${receiverUrl(4411)}/v1/logs`,
  };
  expect(read(ofClient)).toBeUndefined();
  expect(read({ ...ofClient, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://a:4318/v1/traces' })?.logs).toBeUndefined();
  const mixed = read({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4317/',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
  });
  expect(mixed).toMatchObject({
    traces: { url: 'http://a:4317', protocol: 'grpc', timeoutMs: 2000 },
    logs: { url: 'http://a:4317/v1/logs', protocol: 'http/protobuf' },
    metricIntervalMs: 60_000,
  });
  expect(() => read({ OTEL_EXPORTER_OTLP_PROTOCOL: 'smoke' })).toThrow('OTEL_EXPORTER_OTLP_PROTOCOL');
});

it('counts tokens by class and cost, and requests without a price apart', async () => {
  const collector = await collect();
  const telemetry = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
  const about = { model: 'claude-x', client: 'claude-code', grade: 'transcript' };
  telemetry.metrics.recordUsage({ ...about, tokens: { input: 100, output: 20, cache_read: 0 }, costUsd: 0.25 });
  telemetry.metrics.recordUsage({ ...about, tokens: { input: 1 }, costUsd: null });
  await telemetry.close();
  const values = collector.points.map(({ name, attributes, value }) => [name, attributes['gen_ai.token.type'], value]);
  expect(values).toEqual([
    ['pop_stash.usage.tokens', 'input', 101],
    ['pop_stash.usage.tokens', 'output', 20],
    ['pop_stash.usage.cost', undefined, 0.25],
    ['pop_stash.usage.unpriced', undefined, 1],
  ]);
});

it.each([
  ['without an endpoint nothing of OpenTelemetry is loaded', '', false],
  ['with one it is', 'http://127.0.0.1:9', true],
])('%s', async (_, endpoint, loaded) => {
  const script = `
    import { createRequire } from 'node:module';
    import { createLogger } from './src/logger.ts';
    import { parseConfig } from './src/parse-config.ts';
    import { receiverUrl } from '../../src/receiver-address.js';
import { createTelemetry } from './src/telemetry/create-telemetry.ts';
    const { telemetry: configured } = parseConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: '${endpoint}' });
    const telemetry = await createTelemetry({ version: '1', telemetry: configured }, createLogger('silent', 'x'), 'long');
    await telemetry.withSpan('a', {}, async () => telemetry.record('b', {}));
    await telemetry.jobTracing();
    const all = Object.keys(createRequire(import.meta.url).cache);
    console.log(all.some((path) => /opentelemetry|bullmq-otel/.test(path)), all.length > 0);
    await telemetry.close();
  `;
  // Split, as the product is: what is imported late is a file of its own. Below node_modules, where packages are found.
  const outdir = join(ROOT, 'node_modules', `.popstash-telemetry-${process.pid}`);
  closers.push(() => rmSync(outdir, { recursive: true, force: true }));
  await build({
    stdin: { contents: script, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir,
    outExtension: { '.js': '.mjs' },
  });
  await stop();
  const child = spawn(process.execPath, [join(outdir, 'stdin.mjs')], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  await once(child, 'exit');
  expect(stdout).toBe(`${loaded} true\n`);
});
