// The server is killed twice in a row, the second time while it opens a store that it has just recovered.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEmbeddedDatabase } from '../../src/app/storage/open-embedded-database.js';
import { createCloser } from '../../src/async/closer.js';
import { createLogger } from '../../src/logger.js';
import { findPackage } from '../../src/package-root.js';
import { NO_TELEMETRY } from '../../src/telemetry/no-telemetry.js';
import { createDataFolder } from '../support/setup/folders.js';

const packageRoot = findPackage().root;
const logger = createLogger('silent', 'test');
/** Opens a database, says so, and works on. */
const OPEN = `import('@electric-sql/pglite')
  .then(({ PGlite }) => PGlite.create(process.argv[1]))
  .then(() => { console.log('open'); setInterval(() => undefined, 1000); });`;

async function withDatabase<T>(dataDir: string, work: (query: (text: string) => Promise<unknown[]>) => Promise<T>) {
  const closer = createCloser(logger);
  try {
    const { pool } = await openEmbeddedDatabase({ dataDir, packageRoot }, logger, closer, NO_TELEMETRY);
    return await work(async (text) => (await pool.query(text)).rows);
  } finally {
    await closer.close();
  }
}

async function openAndKill(dataDir: string): Promise<void> {
  const child = spawn(process.execPath, ['-e', OPEN, join(dataDir, 'database')], {
    cwd: packageRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('tables that are not logged are emptied by recovery: that is no damage', async () => {
  const dataDir = createDataFolder();
  await withDatabase(dataDir, (query) =>
    query(`INSERT INTO lock_waits (owner, waiter) SELECT 'owner ' || n, n FROM generate_series(1, 2000) n`),
  );
  await openAndKill(dataDir);
  await openAndKill(dataDir);
  const rows = await withDatabase(dataDir, (query) => query('SELECT count(*)::integer AS n FROM lock_waits'));
  expect(rows).toEqual([{ n: 0 }]);
});
