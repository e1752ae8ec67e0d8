import { BullMQOtel } from 'bullmq-otel';
import type { JobTracing } from './telemetry-types.js';

/** `SpanKind.INTERNAL` of BullMQ, which numbers kinds as OpenTelemetry does. */
const INTERNAL = 0;

type JobSpan = ReturnType<JobTracing['tracer']['startSpan']>;

/**
 * Traces through jobs by bullmq-otel: `add` (PRODUCER) beside what gives a job, `process` (CONSUMER) around what works on
 * it. Without BullMQ's internal spans: its workers poll by the second, and each poll would be a trace.
 */
export function createJobTracing(version: string): JobTracing {
  const { tracer, contextManager } = new BullMQOtel({ tracerName: 'popstash.jobs', version });
  return {
    contextManager: {
      with: (context, work) => contextManager.with(context, work),
      active: () => contextManager.active(),
      getMetadata: (context) => contextManager.getMetadata(context),
      fromMetadata: (active, metadata) => {
        try {
          return contextManager.fromMetadata(active, metadata);
        } catch {
          // A job of another version, or of another program: it has no trace, and is worked on all the same.
          return active;
        }
      },
    },
    tracer: {
      startSpan: (name, options, context) =>
        options?.kind === INTERNAL ? NO_SPAN : tracer.startSpan(name, options, context),
    },
  };
}

const ignore = (): void => undefined;

/** Leaves the context as it is, so that spans below it have the parent that they would have without it. */
const NO_SPAN: JobSpan = {
  setSpanOnContext: (context) => context,
  setAttribute: ignore,
  setAttributes: ignore,
  addEvent: ignore,
  recordException: ignore,
  end: ignore,
};
