import type { Pool } from 'pg';
import type { Metrics } from './metric-types.js';

/** Attributes of a span, named as in docs/telemetry.md. Null and undefined are left out. */
export type SpanAttributes = Record<string, string | number | boolean | null | undefined>;

/** The context of a span as W3C headers (`traceparent`, `tracestate`). */
export type Carrier = Record<string, string>;

export interface Span {
  set(attributes: SpanAttributes): void;
  /** Marks the span as failed where the work returns its failure instead of throwing it. @param type of low cardinality */
  fail(type: string): void;
}

/** A span that its caller ends. */
export interface OpenSpan {
  /** Its context: the parent of what happens elsewhere because of it. */
  carrier: Carrier;
  /** @param error why the work failed; left out when it did not */
  end(error?: unknown): void;
}

export interface SpanOptions {
  /** `internal` when left out. */
  kind?: 'internal' | 'server' | 'producer';
  /** Where the work came from: its parent when the carrier is valid, else the span is a root. The active span when left out. */
  parent?: Carrier;
  /** When the work began, in ms since the epoch; now when left out. */
  startedAt?: number;
}

/**
 * `long`: a process that outlives its clients starts the whole SDK (@opentelemetry/sdk-node). `short`: a process that a
 * client waits for starts only the providers that it needs, in about a third of the time.
 */
export type ProcessLife = 'long' | 'short';

/** The interface between the product and OpenTelemetry. Without an endpoint each method does nothing but call its work. */
export interface Telemetry {
  /** Runs `work` in a span; an AppError marks it without an exception record, anything else with one. Rethrows. */
  withSpan<T>(
    name: string,
    attributes: SpanAttributes,
    work: (span: Span) => Promise<T>,
    options?: SpanOptions,
  ): Promise<T>;
  /** A span around work that several spans share, such as a batch: it is not the active one. */
  openSpan(name: string, attributes: SpanAttributes, options?: SpanOptions): OpenSpan;
  /** An event: a span without a duration, below the active one. */
  record(name: string, attributes: SpanAttributes): void;
  /** Context of the active span, to carry it into a job; empty without an endpoint. */
  carrier(): Carrier;
  /** Runs `work` under a carried context. */
  withCarrier<T>(carrier: Carrier | undefined, work: () => Promise<T>): Promise<T>;
  /** Makes each statement of the pool a span below the active one. @param namespace the database's name */
  traceQueries(pool: Pool, namespace: string): void;
  /** What BullMQ's classes take as `telemetry` to carry traces through jobs; undefined without traces. */
  jobTracing(): Promise<JobTracing | undefined>;
  metrics: Metrics;
  /** Sends what is left, within a second; never rejects. */
  close(): Promise<void>;
}

/** BullMQ's interface `Telemetry`. Its type parameter is the library's own context. */
export type JobTracing = import('bullmq').Telemetry<import('@opentelemetry/api').Context>;
