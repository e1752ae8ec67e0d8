/** Attributes of a span, named as in the plan: `stash.id`, `agent.id`. Null and undefined are left out. */
export type SpanAttributes = Record<string, string | number | boolean | null | undefined>;

export interface Span {
  set(attributes: SpanAttributes): void;
}

/** The one seam of tracing. Without an endpoint it is a plain call. */
export interface Telemetry {
  /** Runs `work` in a span; an AppError marks it without an exception record, anything else with one. Rethrows. */
  withSpan<T>(name: string, attributes: SpanAttributes, work: (span: Span) => Promise<T>): Promise<T>;
  /** Context of the current span as W3C headers, to carry it into a job; empty without an endpoint. */
  carrier(): Record<string, string>;
  /** Runs `work` under a carried context. */
  withCarrier<T>(carrier: Record<string, string> | undefined, work: () => Promise<T>): Promise<T>;
  /** Flushes within a second; never rejects. */
  close(): Promise<void>;
}
