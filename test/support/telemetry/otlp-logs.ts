// Log records as clients send them: OTLP/JSON by hand, and protobuf by OpenTelemetry's own exporters.
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';

type Compression = NonNullable<NonNullable<ConstructorParameters<typeof JsonExporter>[0]>['compression']>;
type Scalars = Readonly<Record<string, string | number | boolean>>;

export interface SentLog {
  body?: string;
  attributes: Scalars;
  /** ms since 1970. */
  time?: number;
}

/** `claude_code.api_request` as Claude Code 2.1 sends it, but for what the test wants otherwise. */
export function claudeRequest(change: Scalars = {}): SentLog {
  return {
    body: 'claude_code.api_request',
    attributes: {
      'event.name': 'api_request',
      'event.timestamp': '2026-11-20T10:00:00.000Z',
      'session.id': 'client-session',
      request_id: 'req_1',
      model: 'claude-opus-4-5',
      input_tokens: 10,
      output_tokens: 20,
      cache_read_tokens: 300,
      cache_creation_tokens: 40,
      cost_usd: 0.01,
      query_source: 'repl_main_thread',
      ...change,
    },
  };
}

/** ExportLogsServiceRequest in OTLP/JSON. */
export function jsonRequest(logs: readonly SentLog[]): object {
  const logRecords = logs.map(({ body, attributes, time = 0 }) => ({
    timeUnixNano: `${time}000000`,
    ...(body !== undefined && { body: { stringValue: body } }),
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) })),
  }));
  return { resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ scope: { name: 'test' }, logRecords }] }] };
}

function anyValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

export interface Sending {
  url: string;
  encoding: 'json' | 'protobuf';
  isPacked?: boolean;
  resource?: Scalars;
}

/** Sends logs by an exporter of OpenTelemetry. @returns its failures */
export async function exportLogs(logs: readonly SentLog[], sending: Sending): Promise<unknown[]> {
  const options = {
    url: sending.url,
    timeoutMillis: 5_000,
    compression: (sending.isPacked ? 'gzip' : 'none') as Compression,
  };
  const exporter = sending.encoding === 'json' ? new JsonExporter(options) : new ProtobufExporter(options);
  const failures: unknown[] = [];
  const watched = {
    export: (batch: Parameters<typeof exporter.export>[0], done: Parameters<typeof exporter.export>[1]) =>
      exporter.export(batch, (result) => {
        if (result.error) failures.push(result.error);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  };
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ ...sending.resource }),
    processors: [new SimpleLogRecordProcessor({ exporter: watched })],
  });
  const logger = provider.getLogger('test');
  for (const { body, attributes, time } of logs) {
    logger.emit({
      ...(body !== undefined && { body }),
      attributes: { ...attributes },
      ...(time && { timestamp: time }),
    });
  }
  await provider.forceFlush();
  await provider.shutdown();
  return failures;
}
