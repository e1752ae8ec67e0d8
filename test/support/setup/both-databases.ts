import { join } from 'node:path';
import type { Pool } from 'pg';
import { migrate } from '../../../src/db/migrate.js';
import { openPglite } from '../../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../../src/db/pglite/pglite-pool.js';
import { createPool } from '../../../src/db/pool.js';
import { createLogger } from '../../../src/logger.js';
import { findPackage } from '../../../src/package-root.js';
import { createTestDatabase } from './database.js';
import { createFolder } from './folders.js';
import { closeAtFileEnd } from './resources.js';

/** The modes of a test that runs on PostgreSQL and on the embedded database. */
export const DATABASE_MODES = ['server', 'embedded'] as const;
export type DatabaseMode = (typeof DATABASE_MODES)[number];

/** Migrated, empty databases of this file's own, with the pools of a job: both are closed at the file's end. */
export async function openBothDatabases(): Promise<Record<DatabaseMode, Pool> & { serverUrl: string }> {
  const { url } = await createTestDatabase();
  const logger = createLogger('silent', 'test');
  const server = createPool({ connectionString: url, size: 8, logger, statementTimeoutMs: 60_000 });
  closeAtFileEnd('pool of the server', () => server.end());
  const backend = await openPglite(join(createFolder('ps-both-'), 'db'), { fsync: 'off' });
  const embedded = new PglitePool(Promise.resolve(backend));
  closeAtFileEnd('embedded database', async () => {
    await embedded.end();
    await backend.close();
  });
  await migrate(embedded, findPackage().root);
  return { server, embedded, serverUrl: url };
}
