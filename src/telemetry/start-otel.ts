import {
  type Attributes,
  context,
  type DiagLogger,
  DiagLogLevel,
  diag,
  type Span as OtelSpan,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { withTimeout } from '../async/with-timeout.js';
import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { SpanAttributes, Telemetry } from './telemetry-types.js';

/** One export, retries included, may take this long, in ms; then its spans are dropped. */
const EXPORT_TIMEOUT_MS = 1_000;
/** Spans are sent together after this long, in ms. */
const BATCH_DELAY_MS = 1_000;
/** Closing may take this long, in ms, whatever the collector does. */
const CLOSE_TIMEOUT_MS = 900;

export interface OtelOptions {
  tracesUrl: string;
  serviceName: string;
  version: string;
}

/**
 * Starts the tracer of this process and registers it, so that instrumented libraries join its traces.
 * A collector that is away or hangs costs nothing but its spans.
 */
export function startOtel(options: OtelOptions, logger: Logger): Telemetry {
  diag.setLogger(createDiagLogger(logger), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const exporter = new OTLPTraceExporter({ url: options.tracesUrl, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new NodeTracerProvider({
    resource: detectResources({ detectors: [envDetector] }).merge(
      resourceFromAttributes({
        'service.name': options.serviceName,
        'service.namespace': 'popstash',
        'service.version': options.version,
        'process.pid': process.pid,
      }),
    ),
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        scheduledDelayMillis: BATCH_DELAY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  provider.register();
  const tracer = provider.getTracer('popstash', options.version);

  return {
    withSpan: (name, attributes, work) =>
      tracer.startActiveSpan(name, { attributes: dropEmpty(attributes) }, async (span) => {
        try {
          return await work({ set: (more) => span.setAttributes(dropEmpty(more)) });
        } catch (error) {
          markFailed(span, error);
          throw error;
        } finally {
          span.end();
        }
      }),
    carrier: () => {
      const carrier: Record<string, string> = {};
      propagation.inject(context.active(), carrier);
      return carrier;
    },
    withCarrier: (carrier, work) => context.with(propagation.extract(ROOT_CONTEXT, carrier ?? {}), work),
    close: async () => {
      await withTimeout(provider.shutdown(), CLOSE_TIMEOUT_MS).catch((error: unknown) =>
        logger.debug({ err: error }, 'the last spans were dropped'),
      );
      trace.disable();
      context.disable();
      propagation.disable();
      diag.disable();
    },
  };
}

/** An attribute without a value is left out, as the protocol has no null. */
function dropEmpty(attributes: SpanAttributes): Attributes {
  const kept: Attributes = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) kept[key] = value;
  }
  return kept;
}

/** An AppError is an answer that was foreseen: it marks the span; what nobody foresaw is recorded with its stack. */
function markFailed(span: OtelSpan, error: unknown): void {
  if (error instanceof AppError) {
    span.setAttribute('error.type', error.code);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.code });
    return;
  }
  const exception = error instanceof Error ? error : new Error(String(error));
  span.recordException(exception);
  span.setAttribute('error.type', exception.name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
}

/** OpenTelemetry's own complaints go where all logs go, never to stdout; a collector that is down is told of once. */
function createDiagLogger(logger: Logger): DiagLogger {
  let told = false;
  const complain = (message: string, ...details: unknown[]) => {
    logger[told ? 'debug' : 'warn']({ details }, `telemetry: ${message}`);
    told = true;
  };
  const ignore = () => undefined;
  return { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore };
}
