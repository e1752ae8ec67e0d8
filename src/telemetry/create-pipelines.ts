import { detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { MetricReader, ViewOptions } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { TelemetryConfig } from '../config.js';
import { createLogExporter, createMetricExporter, createSpanExporter } from './create-exporters.js';

/** Spans and log records are sent together after this long, in ms. */
const BATCH_DELAY_MS = 1_000;

/** The way of each signal to its endpoint; a list is empty when its signal is off. */
export interface Pipelines {
  resource: Resource;
  spanProcessors: SpanProcessor[];
  metricReaders: MetricReader[];
  views: ViewOptions[];
  logRecordProcessors: LogRecordProcessor[];
}

/** The same for the whole SDK and for providers that are started by hand. */
export async function createPipelines(config: TelemetryConfig, version: string): Promise<Pipelines> {
  const [spanProcessors, metrics, logRecordProcessors] = await Promise.all([
    createSpanProcessors(config),
    createMetricReaders(config),
    createLogProcessors(config),
  ]);
  return { resource: describeProcess(config, version), spanProcessors, ...metrics, logRecordProcessors };
}

/** What OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME say comes last, so that the user decides. */
function describeProcess({ serviceName }: TelemetryConfig, version: string): Resource {
  const own = {
    'service.name': 'popstash',
    'service.namespace': 'popstash',
    'service.version': version,
    'process.pid': process.pid,
  };
  return resourceFromAttributes(own)
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes(serviceName === undefined ? {} : { 'service.name': serviceName }));
}

async function createSpanProcessors({ traces }: TelemetryConfig): Promise<SpanProcessor[]> {
  if (!traces) return [];
  const exporter = await createSpanExporter(traces);
  const timing = { scheduledDelayMillis: BATCH_DELAY_MS, exportTimeoutMillis: traces.timeoutMs };
  return [new BatchSpanProcessor(exporter, timing)];
}

async function createMetricReaders({
  metrics,
  metricIntervalMs,
}: TelemetryConfig): Promise<Pick<Pipelines, 'metricReaders' | 'views'>> {
  if (!metrics) return { metricReaders: [], views: [] };
  const { AggregationType, InstrumentType, PeriodicExportingMetricReader } = await import('@opentelemetry/sdk-metrics');
  const reader = new PeriodicExportingMetricReader({
    exporter: await createMetricExporter(metrics),
    exportIntervalMillis: metricIntervalMs,
    exportTimeoutMillis: Math.min(metrics.timeoutMs, metricIntervalMs),
  });
  const view = {
    instrumentType: InstrumentType.HISTOGRAM,
    aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
  } as const;
  return { metricReaders: [reader], views: [view] };
}

async function createLogProcessors({ logs }: TelemetryConfig): Promise<LogRecordProcessor[]> {
  if (!logs) return [];
  const { BatchLogRecordProcessor } = await import('@opentelemetry/sdk-logs');
  const exporter = await createLogExporter(logs);
  return [
    new BatchLogRecordProcessor({
      exporter,
      scheduledDelayMillis: BATCH_DELAY_MS,
      exportTimeoutMillis: logs.timeoutMs,
    }),
  ];
}
