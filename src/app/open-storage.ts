import { type Config, LIMITS } from '../config.js';
import { prepareDatabaseFolder } from '../data-folder/database-folder.js';
import { openSignals } from '../db/open-signals.js';
import { startAutoVacuum } from '../db/pglite/auto-vacuum.js';
import { openPgliteThread } from '../db/pglite/open-pglite-thread.js';
import { PglitePool } from '../db/pglite/pglite-pool.js';
import { createEmbedder } from '../embedding/create-embedder.js';
import { findModel } from '../embedding/model-store.js';
import { jobs } from '../jobs/job-list.js';
import type { Logger } from '../logger.js';
import type { Services } from '../mcp/services.js';
import { findPending } from '../memory/passages/passage-repository.js';
import { createLocalQueryEmbedder } from '../memory/search/query-embedder.js';
import type { QueueBackend } from '../queue/backend.js';
import { createProducer } from '../queue/producer.js';
import { startJobs } from '../queue/start-job.js';
import { createTelemetry } from '../telemetry/create-telemetry.js';
import { createServices } from './create-services.js';
import { migrateEmbedded } from './migrate-embedded.js';
import { settleAgents } from './reconcile-agents.js';

export interface Storage {
  services: Services;
  /** True while passages lack their vectors. */
  isBehind(): Promise<boolean>;
  /** Finishes the batch under way, leaves the rest to the next start's sweep, and closes the database cleanly. */
  close(): Promise<void>;
}

/**
 * Everything behind the tools in embedded mode, in this one process: the database in its thread, the queue on it, the
 * model in a thread, and the jobs. The caller owns the data folder.
 * @param onFatal the database died; a new process must take over.
 */
export async function openStorage(config: Config, logger: Logger, onFatal: (error: Error) => void): Promise<Storage> {
  const folder = await prepareDatabaseFolder(config.dataDir, config.packageRoot, logger);
  const database = await openPgliteThread(folder);
  const pool = new PglitePool(Promise.resolve(database), { onFatal });
  pool.on('error', (error) => logger.warn({ err: error }, 'a client of the embedded database broke'));
  const report = await migrateEmbedded(pool, config.packageRoot);
  if (report.applied.length > 0) logger.info({ applied: report.applied }, 'migrated');

  const signals = openSignals({
    connect: async () => {
      const client = await pool.connect();
      return { client, close: async () => client.release(true) };
    },
    logger,
  });
  const telemetry = await createTelemetry(config, logger);
  const backend: QueueBackend = { kind: 'postgres', pool };
  const embedder = createEmbedder({ modelDir: findModel(config.packageRoot), delayMs: config.modelDelayMs, logger });
  const producer = createProducer({ jobs, backend, logger, telemetry });
  producer.warm();
  embedder.warmUp().catch((error: unknown) => logger.error({ err: error }, 'the model could not be loaded'));
  const queryEmbedder = createLocalQueryEmbedder(embedder, LIMITS.queryDeadlineMs);
  const running = await startJobs(
    jobs.filter((job) => job.runsIn.includes('local-server')),
    { resources: { pool, embedder, mode: 'embedded' }, backend, logger, telemetry },
  );
  const autoVacuum = startAutoVacuum(pool, logger);
  const services = createServices({
    pool,
    producer,
    queryEmbedder,
    telemetry,
    signals,
    lockLifeSeconds: Math.ceil(config.lockExpiryMinutes * 60),
  });
  const settling = await settleAgents(services.agents, logger);
  return {
    services,
    isBehind: async () => (await findPending(pool, 0, 1)).length > 0,
    async close() {
      settling.stop();
      await queryEmbedder.close();
      await producer.close();
      await Promise.all([running.close(), autoVacuum.close()]);
      await embedder.close();
      await signals.close();
      // A client that something forgot to give back must not keep the database from closing.
      await Promise.race([pool.end(), new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
      await database.close();
      await telemetry.close();
    },
  };
}
