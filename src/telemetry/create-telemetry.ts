import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import { NO_TELEMETRY } from './no-telemetry.js';
import type { ProcessLife, Telemetry } from './telemetry-types.js';

/**
 * Traces, metrics and logs to the configured OTLP endpoints. Without one nothing of OpenTelemetry is imported (its import
 * takes about 200 ms). Never rejects: without telemetry everything else goes on.
 */
export async function createTelemetry(
  config: Pick<Config, 'telemetry' | 'version'>,
  logger: Logger,
  life: ProcessLife = 'short',
): Promise<Telemetry> {
  if (!config.telemetry) return NO_TELEMETRY;
  try {
    const { startOtel } = await import('./start-otel.js');
    return await startOtel({ ...config.telemetry, version: config.version, life }, logger);
  } catch (error) {
    logger.warn({ err: error }, 'telemetry could not start; going on without it');
    return NO_TELEMETRY;
  }
}
