import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { build, stop } from 'esbuild';
import { afterEach, describe, expect, it } from 'vitest';
import type { Environment } from '../../src/config.js';
import { AppError } from '../../src/errors.js';
import { createLogger } from '../../src/logger.js';
import { findPackage } from '../../src/package-root.js';
import { parseConfig } from '../../src/parse-config.js';
import { createTelemetry } from '../../src/telemetry/create-telemetry.js';
import type { ProcessLife, Telemetry } from '../../src/telemetry/telemetry-types.js';
import { type CollectedSpan, type OtlpCollector, startOtlpCollector } from '../support/telemetry/otlp-collector.js';

const ROOT = findPackage().root;
const logger = createLogger('silent', 'test');
/** A second by contract; the rest is grace for a busy machine. Left to itself the SDK takes eight and more. */
const CLOSE_BOUND_MS = 5_000;
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function collect(behaviour?: 'hang'): Promise<OtlpCollector> {
  const collector = await startOtlpCollector(behaviour);
  closers.push(collector.close);
  return collector;
}

/** Configured as a process is, by its environment. */
async function start(environment: Environment, life?: ProcessLife, log = logger): Promise<Telemetry> {
  const { telemetry: configured } = parseConfig({ OTEL_SERVICE_NAME: 'popstash-test', ...environment });
  const telemetry = await createTelemetry({ version: '1.2.3', telemetry: configured }, log, life);
  closers.push(telemetry.close);
  return telemetry;
}

function named(collector: OtlpCollector, name: string): CollectedSpan {
  const span = collector.spans.find((candidate) => candidate.name === name);
  if (!span) throw new Error(`No span ${name} among ${collector.spans.map((s) => s.name).join(', ') || 'none'}`);
  return span;
}

/** Milliseconds that closing took, on the clock of this process. */
async function closingTime(telemetry: Telemetry): Promise<number> {
  const start = process.hrtime.bigint();
  await telemetry.close();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

describe('createTelemetry', () => {
  it('is a plain call without an endpoint', async () => {
    const telemetry = await createTelemetry({ version: '1.2.3', telemetry: undefined }, logger);
    const result = await telemetry.withSpan('a', { x: 1 }, (span) => {
      span.set({ y: 2 });
      return Promise.resolve(telemetry.carrier());
    });
    expect(result).toEqual({});
    expect(await telemetry.withCarrier({ traceparent: 'x' }, () => Promise.resolve(7))).toBe(7);
    await telemetry.close();
  });

  it('keeps one trace across spans, a carried context and another process of work', async () => {
    const collector = await collect();
    const telemetry = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    const carrier = await telemetry.withSpan('tools/call insight', { 'gen_ai.tool.name': 'insight' }, async () => {
      await telemetry.withSpan(
        'pop_stash.insight.create',
        { 'insight.id': 'insight_1', 'insight.key': null },
        async (span) => {
          span.set({ 'agent.id': 'agent_1', count: 3, share: 0.5, ok: true, gone: undefined });
          await new Promise(setImmediate);
        },
      );
      return telemetry.carrier();
    });
    expect(carrier.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    await telemetry.withCarrier(JSON.parse(JSON.stringify(carrier)), () =>
      telemetry.withSpan('pop_stash.job.embedding', {}, () =>
        Promise.all(['a', 'b'].map((id) => telemetry.withSpan(`embed ${id}`, {}, () => new Promise(setImmediate)))),
      ),
    );
    await telemetry.withCarrier(undefined, () => telemetry.withSpan('alone', {}, () => Promise.resolve()));
    await telemetry.close();

    const call = named(collector, 'tools/call insight');
    const create = named(collector, 'pop_stash.insight.create');
    const job = named(collector, 'pop_stash.job.embedding');
    expect(call.parentSpanId).toBe('');
    expect(create.parentSpanId).toBe(call.spanId);
    expect(job.parentSpanId).toBe(call.spanId);
    for (const id of ['a', 'b']) expect(named(collector, `embed ${id}`).parentSpanId).toBe(job.spanId);
    expect(new Set([call, create, job, named(collector, 'embed a')].map((span) => span.traceId)).size).toBe(1);
    expect(named(collector, 'alone').traceId).not.toBe(call.traceId);
    expect(named(collector, 'alone').parentSpanId).toBe('');
    expect(create.attributes).toEqual({
      'insight.id': 'insight_1',
      'agent.id': 'agent_1',
      count: 3,
      share: 0.5,
      ok: true,
    });
    expect(create.resource).toMatchObject({
      'service.name': 'popstash-test',
      'service.namespace': 'popstash',
      'service.version': '1.2.3',
    });
    expect(create.status.code).toBe(0);
  });

  it('marks a foreseen failure without an exception, and records what nobody foresaw', async () => {
    const collector = await collect();
    const telemetry = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    const foreseen = new AppError({ code: 'not_found', message: 'No such stash.', fix: 'List them.' });
    const fail = (name: string, error: unknown) => telemetry.withSpan(name, {}, () => Promise.reject(error));
    await expect(fail('foreseen', foreseen)).rejects.toBe(foreseen);
    const bug = new TypeError('x is not a function');
    await expect(fail('bug', bug)).rejects.toBe(bug);
    await expect(fail('odd', 'a string')).rejects.toBe('a string');
    await telemetry.close();

    expect(named(collector, 'foreseen')).toMatchObject({
      status: { code: 2, message: 'not_found' },
      attributes: { 'error.type': 'not_found' },
      events: [],
    });
    expect(named(collector, 'bug')).toMatchObject({
      status: { code: 2, message: 'x is not a function' },
      events: [
        {
          name: 'exception',
          attributes: { 'exception.type': 'TypeError', 'exception.message': 'x is not a function' },
        },
      ],
    });
    expect(named(collector, 'odd').events).toHaveLength(1);
  });

  it('neither waits for a collector that is away nor fails with it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const telemetry = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
    for (let i = 0; i < 5_000; i += 1) await telemetry.withSpan('lost', { i }, () => Promise.resolve(i));
    expect(await closingTime(telemetry)).toBeLessThan(CLOSE_BOUND_MS);
  });

  it('closes in time on a collector that never answers', async () => {
    const collector = await collect('hang');
    const telemetry = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    await telemetry.withSpan('stuck', {}, () => Promise.resolve());
    expect(await closingTime(telemetry)).toBeLessThan(CLOSE_BOUND_MS);
    expect(collector.requests).toBeGreaterThan(0);
  });

  it('leaves stdout to the protocol, whatever OTEL_LOG_LEVEL says', async () => {
    const script = `
      import { createLogger } from './src/logger.ts';
      import { createTelemetry } from './src/telemetry/create-telemetry.ts';
      const where = { url: 'http://127.0.0.1:9/v1/traces', protocol: 'http/protobuf', timeoutMs: 100 };
      const telemetry = await createTelemetry(
        { version: '1', telemetry: { traces: where, metrics: where, logs: where, metricIntervalMs: 100 } },
        createLogger('debug', 'x'),
      );
      await telemetry.withSpan('lost', {}, async () => undefined);
      await telemetry.close();
      console.log('end');
    `;
    // From stdin as a module, imports resolve from the working folder: the packages stay as they are installed.
    const bundle = await build({
      stdin: { contents: script, resolveDir: ROOT, loader: 'ts' },
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      write: false,
    });
    await stop();
    const child = spawn(process.execPath, ['--input-type=module', '-'], {
      cwd: ROOT,
      env: { ...process.env, OTEL_LOG_LEVEL: 'debug' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stdin.end(bundle.outputFiles[0]?.text ?? '');
    const [code] = await once(child, 'exit');
    expect(stdout).toBe('end\n');
    expect(code).toBe(0);
  });
});
