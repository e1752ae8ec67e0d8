// F19: all three signals reach a backend through a real OpenTelemetry Collector that runs otel-collector-config.yaml, by
// both protocols. The collector is built from Go modules, so the trial is part of `npm run trials` only.
import { spawn } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../../scripts/services/free-port.mjs';
import { connectClient } from '../../support/processes/client.js';
import { trackProcess } from '../../support/processes/processes.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { ROOT } from '../../support/setup/repository-files.js';
import { closeAtFileEnd } from '../../support/setup/resources.js';
import { isFullTrial } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';
import { buildCollector, findGo } from '../../support/telemetry/build-collector.js';
import { type CollectedSpan, type OtlpCollector, startGrpcCollector } from '../../support/telemetry/otlp-collector.js';

/** Why the trial is not run here, if it is not. */
const obstacle = !isFullTrial ? 'it runs under npm run trials' : findGo() ? undefined : 'Go is not installed';

if (obstacle) test(`not run: ${obstacle}`, () => expect(obstacle).toBeTruthy());
else describe('a real collector with otel-collector-config.yaml', tryCollector);

function tryCollector(): void {
  let binary: string;
  let backend: OtlpCollector;
  const ports = { grpc: 0, http: 0 };

  beforeAll(async () => {
    binary = await buildCollector();
    backend = await startGrpcCollector();
    closeAtFileEnd('backend', backend.close);
    ports.grpc = await findFreePort();
    ports.http = await findFreePort();
    const receiver = 'yaml:receivers::otlp::protocols';
    const child = spawn(
      binary,
      [
        '--config=otel-collector-config.yaml',
        // The ports of the file may be taken on this machine.
        `--config=${receiver}::grpc::endpoint: 127.0.0.1:${ports.grpc}`,
        `--config=${receiver}::http::endpoint: 127.0.0.1:${ports.http}`,
        '--config=yaml:service::telemetry::metrics::level: none',
      ],
      {
        cwd: ROOT,
        env: { ...process.env, POPSTASH_OTLP_BACKEND: backend.endpoint.replace('http://', '') },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const collector = trackProcess(child);
    closeAtFileEnd('collector', collector.stop);
    await collector.untilStderr(/Everything is ready/);
  });

  test.each([
    { protocol: 'http/protobuf', port: 'http' },
    { protocol: 'grpc', port: 'grpc' },
  ] as const)('traces, metrics and logs by $protocol', async ({ protocol, port }) => {
    const serviceName = `popstash-${port}`;
    const client = await connectClient({
      env: {
        POPSTASH_DATA_DIR: createDataFolder(),
        POPSTASH_LOG_LEVEL: 'info',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports[port]}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_METRIC_EXPORT_INTERVAL: '500',
        OTEL_SERVICE_NAME: serviceName,
      },
    });
    await client.call('insight', { key: 'router', content: 'The routes live in lib/router.ex.' });
    const isOurs = ({ resource }: { resource: Record<string, unknown> }) => resource['service.name'] === serviceName;
    const findSpan = (name: string, where: (span: CollectedSpan) => boolean = () => true) =>
      waitUntil(() => backend.spans.filter(isOurs).find((span) => span.name === name && where(span)), `a span ${name}`);

    const call = await findSpan('tools/call insight');
    await findSpan('pop_stash.passage.embed', (span) => span.traceId === call.traceId);
    expect(call.attributes).toMatchObject({ 'gen_ai.tool.name': 'insight', 'gen_ai.operation.name': 'execute_tool' });
    const duration = await waitUntil(
      () => backend.points.filter(isOurs).find((point) => point.name === 'mcp.server.operation.duration'),
      'a metric',
    );
    expect(duration).toMatchObject({ type: 'exponential', unit: 's', count: 1 });
    await waitUntil(
      () => backend.logs.filter(isOurs).find((line) => line.body === 'storage is open'),
      'a line of the log',
    );
  });
}
