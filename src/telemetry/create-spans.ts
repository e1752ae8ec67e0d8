import {
  type Attributes,
  type Context,
  context,
  type SpanOptions as OtelSpanOptions,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { maskSecrets } from '../text/mask-secrets.js';
import { markFailed, markType } from './mark-failed.js';
import type { Carrier, SpanAttributes, SpanOptions, Telemetry } from './telemetry-types.js';

const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, producer: SpanKind.PRODUCER } as const;

/** Spans by the registered tracer and context. */
export function createSpans(
  tracer: Tracer,
): Pick<Telemetry, 'withSpan' | 'openSpan' | 'record' | 'carrier' | 'withCarrier'> {
  return {
    withSpan: (name, attributes, work, options = {}) => {
      return tracer.startActiveSpan(name, describe(attributes, options), parentOf(options), async (span) => {
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
    openSpan: (name, attributes, options = {}) => {
      const parent = parentOf(options);
      const span = tracer.startSpan(name, describe(attributes, options), parent);
      return {
        carrier: writeCarrier(trace.setSpan(parent, span)),
        end: (error) => {
          if (error !== undefined) markFailed(span, error);
          span.end();
        },
      };
    },
    record: (name, attributes) => {
      const now = Date.now();
      tracer.startSpan(name, { attributes: dropEmpty(attributes), startTime: now }).end(now);
    },
    carrier: () => writeCarrier(context.active()),
    withCarrier: (carrier, work) => context.with(readCarrier(carrier ?? {}), work),
  };
}

function parentOf({ parent }: SpanOptions): Context {
  return parent === undefined ? context.active() : readCarrier(parent);
}

function writeCarrier(own: Context): Carrier {
  const carrier: Carrier = {};
  propagation.inject(own, carrier);
  return carrier;
}

/** The context that a carrier names; the root when it names none or is malformed. */
function readCarrier(carrier: Carrier): Context {
  return propagation.extract(ROOT_CONTEXT, carrier);
}

function describe(attributes: SpanAttributes, { kind, startedAt }: SpanOptions): OtelSpanOptions {
  return {
    attributes: dropEmpty(attributes),
    kind: KINDS[kind ?? 'internal'],
    ...(startedAt !== undefined && { startTime: startedAt }),
  };
}

/** An attribute without a value is left out, as the protocol has no null; what looks like a secret is masked. */
function dropEmpty(attributes: SpanAttributes): Attributes {
  const kept: Attributes = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) kept[key] = typeof value === 'string' ? maskSecrets(value) : value;
  }
  return kept;
}
