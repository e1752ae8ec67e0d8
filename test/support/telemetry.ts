import type { Telemetry } from '../../src/telemetry/telemetry-types.js';

/** No endpoint, no tracing: every span is a plain call. */
export const noTelemetry: Telemetry = {
  withSpan: (_name, _attributes, work) => work({ set: () => undefined }),
  carrier: () => ({}),
  withCarrier: (_carrier, work) => work(),
  close: () => Promise.resolve(),
};
