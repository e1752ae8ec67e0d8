import { type Config, LIMITS } from '../config.js';
import { createPool } from '../db/pool.js';
import { proveLife } from '../db/prove-life.js';
import { jobs } from '../jobs/job-list.js';
import type { Logger } from '../logger.js';
import type { Services } from '../mcp/services.js';
import { createRemoteQueryEmbedder } from '../memory/search/query-embedder.js';
import { openBackend } from '../queue/backend.js';
import { createProducer } from '../queue/producer.js';
import { createTelemetry } from '../telemetry/create-telemetry.js';
import { createServices } from './create-services.js';

/**
 * The clients of a front process in server mode: PostgreSQL, the queue, a worker's model behind a deadline.
 * @param agentId the process's one agent, whose life it proves from now on
 */
export async function openServerFront(
  config: Config,
  agentId: string,
  logger: Logger,
): Promise<{ services: Services; close(): Promise<void> }> {
  const connectionString = config.databaseUrl ?? '';
  const { proof, ...signals } = proveLife({ connectionString, agentId, logger });
  const telemetry = await createTelemetry(config, logger);
  const pool = createPool({
    connectionString,
    size: config.poolSize,
    logger,
    applicationName: 'popstash-front',
  });
  const { backend, close: closeBackend } = await openBackend(config, logger);
  const producer = createProducer({ jobs, backend, logger, telemetry, requests: ['query-embedding'] });
  producer.warm();
  const queryEmbedder = createRemoteQueryEmbedder(
    (text, waitMs) => producer.request('query-embedding', { text, deadline: Date.now() + waitMs }, waitMs),
    LIMITS.queryDeadlineMs,
  );
  return {
    services: createServices({
      pool,
      producer,
      queryEmbedder,
      telemetry,
      signals,
      proof,
      lockLifeSeconds: Math.ceil(config.lockExpiryMinutes * 60),
    }),
    async close() {
      await queryEmbedder.close();
      await producer.close();
      await Promise.allSettled([signals.close(), closeBackend(), pool.end(), telemetry.close()]);
    },
  };
}
