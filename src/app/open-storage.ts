import type { Pool } from 'pg';
import { createRecorder } from '../accountability/receiver/create-recorder.js';
import type { UsageRecord } from '../accountability/usage.js';
import { type Closer, openTogether } from '../async/closer.js';
import type { Config } from '../config.js';
import type { OwnedFolder } from '../data-folder/lock-folder.js';
import { openSignals } from '../db/open-signals.js';
import { startAutoVacuum } from '../db/pglite/auto-vacuum.js';
import { checkTables } from '../db/pglite/check-tables.js';
import { jobs } from '../jobs/job-list.js';
import type { Logger } from '../logger.js';
import type { Services, StoreCheck } from '../mcp/services.js';
import { findPending } from '../memory/passages/passage-repository.js';
import type { ProjectIdentities } from '../project/project-identities.js';
import { createTelemetry } from '../telemetry/create-telemetry.js';
import { openProduct } from './open-product.js';
import { reconcileAgents } from './reconcile-agents.js';
import { backUpDatabase } from './storage/back-up-database.js';
import { listBackups, startDailyBackups } from './storage/daily-backups.js';
import { createLazyReports } from './storage/lazy-reports.js';
import { openEmbeddedDatabase } from './storage/open-embedded-database.js';
import type { OpenDatabase } from './storage/open-server-database.js';

export interface Storage {
  services: Services;
  /** Writes requests that clients' telemetry tells of. */
  record(records: readonly UsageRecord[]): Promise<void>;
  /** True while passages lack their vectors. */
  isBehind(): Promise<boolean>;
  /** Finishes the batch under way, leaves the rest to the next start's sweep, and closes the database cleanly. */
  close(): Promise<void>;
}

/**
 * Everything behind the tools in embedded mode, in this one process: the database in its thread, the queue on it, the
 * model in a thread, and the jobs. The caller owns the data folder.
 * @param onFatal the database died, or the folder was lost; a new process must take over
 * @throws what kept it from opening, with everything closed, so that it may be tried again
 */
export function openStorage(
  config: Config,
  identities: ProjectIdentities,
  logger: Logger,
  onFatal: (error: Error) => void,
  folder: OwnedFolder,
): Promise<Storage> {
  return openTogether(logger, async (closer) => {
    const telemetry = await createTelemetry(config, logger, 'long');
    closer.add('telemetry', telemetry.close);
    const database = await openEmbeddedDatabase(config, logger, closer, telemetry, { onFatal, folder });
    const signals = openEmbeddedSignals(database, logger, closer);
    const runs = jobs.filter((job) => job.runsIn.includes('local-server'));
    const reports = createLazyReports(database.patient, closer);
    const backUp = (folder: string) => backUpDatabase(database, config, folder);
    const checkStore = () => readStore(database.pool, config.dataDir);
    const parts = { ...database, telemetry, signals, reports, backUp, checkStore, runs, identities };
    const product = await openProduct(config, logger, closer, parts);
    const { services, embedder, producer, book } = product;
    producer.warm();
    embedder.warmUp().catch((error: unknown) => logger.error({ err: error }, 'the model could not be loaded'));
    const autoVacuum = startAutoVacuum(database.pool, logger);
    closer.add('auto vacuum', autoVacuum.close);
    closer.add('daily backups', startDailyBackups({ dataDir: config.dataDir, backUp, logger }).stop);
    const reconciling = await reconcileAgents(services.agents, logger);
    closer.add('reconciling of agents', reconciling.stop);
    const record = createRecorder({
      pool: database.pool,
      book,
      metrics: telemetry.metrics,
      costDays: config.costDays,
      identities,
      onRecorded: () => producer.enqueue('cost-rollup', {}),
    });
    return { services, record, isBehind: async () => (await findPending(database.pool, 0, 1)).length > 0 };
  });
}

async function readStore(pool: Pool, dataDir: string): Promise<StoreCheck> {
  const read = await checkTables(pool);
  const backups = await listBackups(dataDir);
  const [newest] = backups;
  return { ...read, backups: backups.length, newestBackup: newest ? new Date(newest.manifest.made_at) : null };
}

function openEmbeddedSignals({ pool }: OpenDatabase, logger: Logger, closer: Closer) {
  const signals = openSignals({
    connect: async () => {
      const client = await pool.connect();
      return { client, close: async () => client.release(true) };
    },
    logger,
  });
  closer.add('signals', signals.close);
  return signals;
}
