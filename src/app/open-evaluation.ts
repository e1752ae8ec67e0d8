import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { type Closer, openTogether } from '../async/closer.js';
import type { Config } from '../config.js';
import { translateDatabaseError } from '../db/faults/translate-error.js';
import { migrate } from '../db/migrate.js';
import { NO_SIGNALS } from '../db/no-signals.js';
import { startAutoVacuum } from '../db/pglite/auto-vacuum.js';
import { requireExtensions } from '../db/server/require-extensions.js';
import { embedding } from '../jobs/embedding.js';
import type { Logger } from '../logger.js';
import type { Services } from '../mcp/services.js';
import type { Search } from '../memory/search/search-types.js';
import { openProjectIdentities } from '../project/project-identities.js';
import { runQueueMigrations } from '../queue/backend.js';
import { createTelemetry } from '../telemetry/create-telemetry.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import { openProduct } from './open-product.js';
import { openEmbeddedDatabase } from './storage/open-embedded-database.js';
import { type OpenDatabase, openServerDatabase } from './storage/open-server-database.js';

export interface OpenEvaluation {
  pool: Pool;
  services: Services;
  search: Search;
  close(): Promise<void>;
}

/**
 * The product in one process, model included: on a temporary database of its own in embedded mode (never the user's
 * data), on DATABASE_URL (and REDIS_URL) in server mode, where workers that run share the embedding.
 */
export function openEvaluation(config: Config, logger: Logger): Promise<OpenEvaluation> {
  return openTogether(logger, async (closer) => {
    const telemetry = await createTelemetry(config, logger);
    closer.add('telemetry', telemetry.close);
    const open = config.mode === 'embedded' ? openTemporaryDatabase : openMigratedDatabase;
    const database = await open(config, logger, closer, telemetry);
    const identities = openProjectIdentities(config, logger);
    const parts = { ...database, identities, telemetry, signals: NO_SIGNALS, runs: [embedding] };
    const { services, search } = await openProduct(config, logger, closer, parts);
    return { pool: database.pool, services, search };
  });
}

async function openTemporaryDatabase(
  config: Config,
  logger: Logger,
  closer: Closer,
  telemetry: Telemetry,
): Promise<OpenDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'popstash-eval-'));
  closer.add('temporary folder', () => rm(dataDir, { recursive: true, force: true }));
  const database = await openEmbeddedDatabase({ ...config, dataDir }, logger, closer, telemetry);
  const autoVacuum = startAutoVacuum(database.pool, logger);
  closer.add('auto vacuum', autoVacuum.close);
  return database;
}

async function openMigratedDatabase(
  config: Config,
  logger: Logger,
  closer: Closer,
  telemetry: Telemetry,
): Promise<OpenDatabase> {
  const { pool, backend } = await openServerDatabase(config, logger, closer, {
    name: 'eval',
    telemetry,
    isUnmigrated: true,
  });
  try {
    await migrate(pool, config.packageRoot, requireExtensions);
    if (backend.kind === 'postgres') await runQueueMigrations(backend.pool);
  } catch (error) {
    throw translateDatabaseError(error);
  }
  return { pool, backend };
}
