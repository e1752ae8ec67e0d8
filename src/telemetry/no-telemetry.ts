import type { Metrics } from './metric-types.js';
import type { OpenSpan, Span, Telemetry } from './telemetry-types.js';

const ignore = (): void => undefined;
const NO_SPAN: Span = { set: ignore, fail: ignore };
const NO_OPEN_SPAN: OpenSpan = { carrier: {}, end: ignore };

/** Measures nothing. */
export const NO_METRICS: Metrics = {
  toolCalled: ignore,
  lockWaited: ignore,
  lockGranted: ignore,
  lockEnded: ignore,
  searchDegraded: ignore,
  jobFailed: ignore,
  passageEmbedded: ignore,
  recordUsage: ignore,
  observeQueue: () => ignore,
  observeAgents: () => ignore,
};

/** What a process has without an endpoint: every span is a plain call. */
export const NO_TELEMETRY: Telemetry = {
  withSpan: (_name, _attributes, work) => work(NO_SPAN),
  openSpan: () => NO_OPEN_SPAN,
  record: ignore,
  carrier: () => ({}),
  withCarrier: (_carrier, work) => work(),
  traceQueries: ignore,
  jobTracing: () => Promise.resolve(undefined),
  metrics: NO_METRICS,
  close: () => Promise.resolve(),
};
