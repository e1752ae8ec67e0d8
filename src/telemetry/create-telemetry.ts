import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import type { Span, Telemetry } from './telemetry-types.js';

const NO_SPAN: Span = { set: () => undefined };

const NO_TELEMETRY: Telemetry = {
  withSpan: (_name, _attributes, work) => work(NO_SPAN),
  carrier: () => ({}),
  withCarrier: (_carrier, work) => work(),
  close: () => Promise.resolve(),
};

/**
 * Tracing to the configured OTLP endpoint. Without one every span is a plain call and nothing of OpenTelemetry is
 * imported (its import takes about 200 ms). Never rejects: without telemetry everything else goes on.
 */
export async function createTelemetry(
  config: Pick<Config, 'telemetry' | 'version'>,
  logger: Logger,
): Promise<Telemetry> {
  if (!config.telemetry) return NO_TELEMETRY;
  try {
    const { startOtel } = await import('./start-otel.js');
    return startOtel({ ...config.telemetry, version: config.version }, logger);
  } catch (error) {
    logger.warn({ err: error }, 'telemetry could not start; going on without it');
    return NO_TELEMETRY;
  }
}
