import {
  type Attributes,
  type Context,
  context,
  type SpanOptions as OtelSpanOptions,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  type Tracer,
} from '@opentelemetry/api';
import { markFailed, markType } from './mark-failed.js';
import type { Carrier, SpanAttributes, SpanOptions, Telemetry } from './telemetry-types.js';

/** Spans by the registered tracer and context. */
export function createSpans(tracer: Tracer): Pick<Telemetry, 'withSpan' | 'record' | 'carrier' | 'withCarrier'> {
  return {
    withSpan: (name, attributes, work, options = {}) => {
      const parent = options.parent === undefined ? context.active() : readCarrier(options.parent);
      return tracer.startActiveSpan(name, describe(attributes, options), parent, async (span) => {
        try {
          return await work({
            set: (more) => span.setAttributes(dropEmpty(more)),
            fail: (type) => markType(span, type),
          });
        } catch (error) {
          markFailed(span, error);
          throw error;
        } finally {
          span.end();
        }
      });
    },
    record: (name, attributes) => {
      const now = Date.now();
      tracer.startSpan(name, { attributes: dropEmpty(attributes), startTime: now }).end(now);
    },
    carrier: () => {
      const carrier: Carrier = {};
      propagation.inject(context.active(), carrier);
      return carrier;
    },
    withCarrier: (carrier, work) => context.with(readCarrier(carrier ?? {}), work),
  };
}

/** The context that a carrier names; the root when it names none or is malformed. */
function readCarrier(carrier: Carrier): Context {
  return propagation.extract(ROOT_CONTEXT, carrier);
}

function describe(attributes: SpanAttributes, { kind, startedAt }: SpanOptions): OtelSpanOptions {
  return {
    attributes: dropEmpty(attributes),
    kind: kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL,
    ...(startedAt !== undefined && { startTime: startedAt }),
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
