import { type Config, LIMITS } from './config.js';
import { NO_SIGNALS } from './db/no-signals.js';
import { createPool } from './db/pool.js';
import { createServices } from './deps.js';
import { createRemoteQueryEmbedder } from './embedding/query-embedder.js';
import type { Logger } from './logger.js';
import { openBackend } from './queue/backend.js';
import { createProducer } from './queue/producer.js';
import type { Services } from './services.js';
import { createTelemetry } from './telemetry/create-telemetry.js';

/** The clients of a front process in server mode: PostgreSQL, the queue, a worker's model behind a deadline. */
export async function openServerFront(
  config: Config,
  logger: Logger,
): Promise<{ services: Services; close(): Promise<void> }> {
  const telemetry = await createTelemetry(config, logger);
  const pool = createPool({
    connectionString: config.databaseUrl ?? '',
    size: config.poolSize,
    logger,
    applicationName: 'popstash-front',
  });
  const { backend, close: closeBackend } = await openBackend(config, logger);
  const producer = createProducer({ backend, logger, telemetry });
  producer.warm();
  const queryEmbedder = createRemoteQueryEmbedder(producer, LIMITS.queryDeadlineMs);
  return {
    services: createServices({
      pool,
      producer,
      queryEmbedder,
      telemetry,
      signals: NO_SIGNALS,
      lockLifeSeconds: Math.ceil(config.lockExpiryMinutes * 60),
    }),
    async close() {
      await queryEmbedder.close();
      await producer.close();
      await Promise.allSettled([closeBackend(), pool.end(), telemetry.close()]);
    },
  };
}
