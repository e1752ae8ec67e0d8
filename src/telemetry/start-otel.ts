import { context, type DiagLogger, DiagLogLevel, diag, metrics, propagation, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { withTimeout } from '../async/with-timeout.js';
import { silenceTelemetryConsole, type TelemetryConfig } from '../config.js';
import { type Logger, tapLogger } from '../logger.js';
import { createMetrics } from './create-metrics.js';
import { createPipelines } from './create-pipelines.js';
import { createSpans } from './create-spans.js';
import { createLogTap } from './export-logs.js';
import { NO_METRICS } from './no-telemetry.js';
import { startProviders, startSdk } from './start-providers.js';
import type { JobTracing, ProcessLife, Telemetry } from './telemetry-types.js';
import { traceQueries } from './trace-queries.js';

/** Closing may take this long, in ms, whatever the collector does. */
const CLOSE_TIMEOUT_MS = 900;

export interface OtelOptions extends TelemetryConfig {
  version: string;
  life: ProcessLife;
}

/**
 * Starts the signals of this process and registers them, so that instrumented libraries join its traces.
 * A collector that is away or hangs costs nothing but what it misses.
 */
export async function startOtel(options: OtelOptions, logger: Logger): Promise<Telemetry> {
  silenceTelemetryConsole();
  diag.setLogger(createDiagLogger(logger), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const pipelines = await createPipelines(options, options.version);
  const providers = await (options.life === 'long' ? startSdk : startProviders)(pipelines);
  const tracer = trace.getTracer('popstash', options.version);
  const untap = tapLogger(logger, createLogTap(options.version, options.logs !== undefined));
  const jobs = createJobs(options);

  return {
    ...createSpans(tracer),
    traceQueries: (pool, namespace) => {
      if (options.traces) traceQueries(pool, namespace, tracer);
    },
    jobTracing: jobs.tracing,
    metrics: options.metrics ? createMetrics(metrics.getMeter('popstash', options.version)) : NO_METRICS,
    close: async () => {
      untap();
      await withTimeout(providers.shutdown(), CLOSE_TIMEOUT_MS).catch((error: unknown) =>
        logger.debug({ err: error }, 'the last telemetry was dropped'),
      );
      jobs.stop();
      for (const api of [trace, context, propagation, metrics, logs, diag]) api.disable();
    },
  };
}

/** bullmq-otel and the instrumentation of Redis are loaded with BullMQ, not at the start. */
function createJobs({ traces, version }: OtelOptions) {
  let loading: Promise<JobTracing> | undefined;
  let untraceRedis = (): void => undefined;

  async function load(): Promise<JobTracing> {
    const [{ createJobTracing }, { traceRedis }] = await Promise.all([
      import('./trace-jobs.js'),
      import('./trace-redis.js'),
    ]);
    untraceRedis = traceRedis();
    return createJobTracing(version);
  }

  return {
    tracing: async (): Promise<JobTracing | undefined> => {
      if (!traces) return undefined;
      loading ??= load();
      return loading;
    },
    stop: () => untraceRedis(),
  };
}

/**
 * OpenTelemetry's own complaints go where all logs go, never to stdout. The first one only: a line that reports a failed
 * export of log lines is exported itself, and would fail and be reported for ever.
 */
function createDiagLogger(logger: Logger): DiagLogger {
  let told = false;
  const complain = (message: string, ...details: unknown[]) => {
    if (told) return;
    told = true;
    logger.warn({ details }, `telemetry: ${message}`);
  };
  const ignore = () => undefined;
  return { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore };
}
