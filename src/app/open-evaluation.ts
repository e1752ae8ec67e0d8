import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { type Config, LIMITS } from '../config.js';
import { migrate } from '../db/migrate.js';
import { NO_SIGNALS } from '../db/no-signals.js';
import { createEmbedder } from '../embedding/create-embedder.js';
import { findModel } from '../embedding/model-store.js';
import { embedding } from '../jobs/embedding.js';
import { jobs } from '../jobs/job-list.js';
import type { Logger } from '../logger.js';
import type { Services } from '../mcp/services.js';
import { createLocalQueryEmbedder } from '../memory/search/query-embedder.js';
import { createSearch } from '../memory/search/search.js';
import type { Search } from '../memory/search/search-types.js';
import { openBackend, type QueueBackend, runQueueMigrations } from '../queue/backend.js';
import { createProducer } from '../queue/producer.js';
import { startJobs } from '../queue/start-job.js';
import { createTelemetry } from '../telemetry/create-telemetry.js';
import { createServices } from './create-services.js';

export interface OpenEvaluation {
  pool: Pool;
  services: Services;
  search: Search;
  close(): Promise<void>;
}

interface OpenDatabase {
  pool: Pool;
  backend: QueueBackend;
  close(): Promise<void>;
}

/**
 * The product in one process, model included: on a temporary database of its own in embedded mode (never the user's
 * data), on DATABASE_URL (and REDIS_URL) in server mode, where workers that run share the embedding.
 */
export async function openEvaluation(config: Config, logger: Logger): Promise<OpenEvaluation> {
  const database = config.mode === 'embedded' ? await openTemporary(config, logger) : await openServer(config, logger);
  const { pool, backend } = database;
  const telemetry = await createTelemetry(config, logger);
  const embedder = createEmbedder({ modelDir: findModel(config.packageRoot), delayMs: config.modelDelayMs, logger });
  const producer = createProducer({ jobs, backend, logger, telemetry });
  const resources = { pool, embedder, mode: config.mode };
  const running = await startJobs([embedding], { resources, backend, logger, telemetry });
  const queryEmbedder = createLocalQueryEmbedder(embedder, LIMITS.queryDeadlineMs);
  return {
    pool,
    services: createServices({
      pool,
      producer,
      queryEmbedder,
      telemetry,
      signals: NO_SIGNALS,
      lockLifeSeconds: Math.ceil(config.lockExpiryMinutes * 60),
    }),
    search: createSearch({ pool, queryEmbedder }),
    async close() {
      await queryEmbedder.close();
      await producer.close();
      await running.close();
      await embedder.close();
      await database.close();
      await telemetry.close();
    },
  };
}

async function openTemporary(config: Config, logger: Logger): Promise<OpenDatabase> {
  const { openPgliteThread } = await import('../db/pglite/open-pglite-thread.js');
  const { PglitePool } = await import('../db/pglite/pglite-pool.js');
  const { prepareDatabaseFolder } = await import('../data-folder/database-folder.js');
  const { migrateEmbedded } = await import('./migrate-embedded.js');
  const { startAutoVacuum } = await import('../db/pglite/auto-vacuum.js');
  const dataDir = await mkdtemp(join(tmpdir(), 'popstash-eval-'));
  try {
    const database = await openPgliteThread(await prepareDatabaseFolder(dataDir, config.packageRoot, logger));
    const pool = new PglitePool(Promise.resolve(database));
    await migrateEmbedded(pool, config.packageRoot);
    const autoVacuum = startAutoVacuum(pool, logger);
    return {
      pool,
      backend: { kind: 'postgres', pool },
      async close() {
        await autoVacuum.close();
        await Promise.race([pool.end(), new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
        await database.close();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true });
    throw error;
  }
}

async function openServer(config: Config, logger: Logger): Promise<OpenDatabase> {
  const { createPool } = await import('../db/pool.js');
  const pool = createPool({
    connectionString: config.databaseUrl ?? '',
    size: config.poolSize,
    logger,
    applicationName: 'popstash-eval',
  });
  const { backend, close } = await openBackend(config, logger);
  await migrate(pool, config.packageRoot);
  if (backend.kind === 'postgres') await runQueueMigrations(backend.pool);
  return { pool, backend, close: async () => void (await Promise.allSettled([close(), pool.end()])) };
}
