import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { SignalConfig } from '../config.js';

type Protocol = SignalConfig['protocol'];
/** Headers, compression and certificates are read from OTEL_EXPORTER_OTLP_* by the exporter itself. */
interface ExporterOptions {
  url: string;
  timeoutMillis: number;
}

/** Each protocol's exporters are loaded when they are asked for: gRPC alone takes about 100 ms. */
const SPAN_EXPORTERS: Record<Protocol, () => Promise<new (options: ExporterOptions) => SpanExporter>> = {
  'http/protobuf': async () => (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter,
  'http/json': async () => (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter,
  grpc: async () => (await import('@opentelemetry/exporter-trace-otlp-grpc')).OTLPTraceExporter,
};

const METRIC_EXPORTERS: Record<Protocol, () => Promise<new (options: ExporterOptions) => PushMetricExporter>> = {
  'http/protobuf': async () => (await import('@opentelemetry/exporter-metrics-otlp-proto')).OTLPMetricExporter,
  'http/json': async () => (await import('@opentelemetry/exporter-metrics-otlp-http')).OTLPMetricExporter,
  grpc: async () => (await import('@opentelemetry/exporter-metrics-otlp-grpc')).OTLPMetricExporter,
};

const LOG_EXPORTERS: Record<Protocol, () => Promise<new (options: ExporterOptions) => LogRecordExporter>> = {
  'http/protobuf': async () => (await import('@opentelemetry/exporter-logs-otlp-proto')).OTLPLogExporter,
  'http/json': async () => (await import('@opentelemetry/exporter-logs-otlp-http')).OTLPLogExporter,
  grpc: async () => (await import('@opentelemetry/exporter-logs-otlp-grpc')).OTLPLogExporter,
};

export async function createSpanExporter(signal: SignalConfig): Promise<SpanExporter> {
  const Exporter = await SPAN_EXPORTERS[signal.protocol]();
  return new Exporter(optionsOf(signal));
}

export async function createMetricExporter(signal: SignalConfig): Promise<PushMetricExporter> {
  const Exporter = await METRIC_EXPORTERS[signal.protocol]();
  return new Exporter(optionsOf(signal));
}

export async function createLogExporter(signal: SignalConfig): Promise<LogRecordExporter> {
  const Exporter = await LOG_EXPORTERS[signal.protocol]();
  return new Exporter(optionsOf(signal));
}

function optionsOf({ url, timeoutMs }: SignalConfig): ExporterOptions {
  return { url, timeoutMillis: timeoutMs };
}
