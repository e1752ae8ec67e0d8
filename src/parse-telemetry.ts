import * as z from 'zod';
import type { SignalConfig, TelemetryConfig } from './config.js';
import { isReceiverUrl } from './receiver-address.js';

/** One export may take this long, in ms, unless OTEL_EXPORTER_OTLP_TIMEOUT says otherwise. */
const EXPORT_TIMEOUT_MS = 1_000;
/** Between two exports of metrics, in ms: the default of the specification. */
const METRIC_INTERVAL_MS = 60_000;

/** An empty variable counts as unset, by the specification. */
const unlessEmpty = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema);

const url = unlessEmpty(z.url().optional());
const protocol = unlessEmpty(z.enum(['http/protobuf', 'http/json', 'grpc']).optional());
const timeout = unlessEmpty(z.coerce.number().int().min(1).max(600_000).optional());
// An exporter that is not OTLP (console, prometheus) is not offered: like `none`, its signal is off.
const exporter = unlessEmpty(z.string().optional());

/** The variables of the OpenTelemetry specification that decide what is started. */
export const telemetryVariables = {
  OTEL_SDK_DISABLED: unlessEmpty(z.stringbool().default(false)),
  OTEL_SERVICE_NAME: unlessEmpty(z.string().optional()),
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TIMEOUT: timeout,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: timeout,
  OTEL_TRACES_EXPORTER: exporter,
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: timeout,
  OTEL_METRICS_EXPORTER: exporter,
  OTEL_METRIC_EXPORT_INTERVAL: unlessEmpty(
    z.coerce.number().int().min(100).max(86_400_000).default(METRIC_INTERVAL_MS),
  ),
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: timeout,
  OTEL_LOGS_EXPORTER: exporter,
} as const;

const environment = z.object(telemetryVariables);
type TelemetryEnvironment = z.infer<typeof environment>;

/** Undefined when no signal has an endpoint: nothing of OpenTelemetry is loaded then. */
export function readTelemetry(env: TelemetryEnvironment): TelemetryConfig | undefined {
  if (env.OTEL_SDK_DISABLED) return undefined;
  const traces = readSignal(env, 'TRACES');
  const metrics = readSignal(env, 'METRICS');
  const logs = readSignal(env, 'LOGS');
  if (!traces && !metrics && !logs) return undefined;
  const { OTEL_SERVICE_NAME: serviceName, OTEL_METRIC_EXPORT_INTERVAL: metricIntervalMs } = env;
  return { serviceName, traces, metrics, logs, metricIntervalMs };
}

function readSignal(env: TelemetryEnvironment, signal: 'TRACES' | 'METRICS' | 'LOGS'): SignalConfig | undefined {
  const exporters = (env[`OTEL_${signal}_EXPORTER`] ?? 'otlp').split(',').map((name) => name.trim());
  if (!exporters.includes('otlp')) return undefined;
  const chosen = env[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`] ?? env.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf';
  const own = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`];
  const shared = env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/$/, '');
  const target = own ?? (shared && chosen !== 'grpc' ? `${shared}/v1/${signal.toLowerCase()}` : shared);
  // A client may give its servers the variables of its own telemetry, which goes to our receiver: ours does not.
  if (!target || isReceiverUrl(target)) return undefined;
  const timeoutMs = env[`OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`] ?? env.OTEL_EXPORTER_OTLP_TIMEOUT ?? EXPORT_TIMEOUT_MS;
  return { url: target, protocol: chosen, timeoutMs };
}
