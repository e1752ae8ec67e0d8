import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { closeAtFileEnd } from './resources.js';
import { TEMPLATE_DATABASE, testServices } from './services.js';

export interface TestDatabase {
  name: string;
  /** For DATABASE_URL and pools of the test's own. */
  url: string;
  /** A small pool for looking into the database. */
  pool: pg.Pool;
}

/**
 * A database of this file's own, migrated and empty: a clone of the run's template, dropped at the file's end.
 * @param template false for one that is not migrated
 */
export async function createTestDatabase({ template = true } = {}): Promise<TestDatabase> {
  const name = `popstash_${randomBytes(6).toString('hex')}`;
  const { databaseUrl } = testServices();
  await runAsAdmin(`CREATE DATABASE ${name}${template ? ` TEMPLATE ${TEMPLATE_DATABASE}` : ''}`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 4 });
  // Trials end backends on purpose.
  pool.on('error', () => undefined);
  closeAtFileEnd(`database ${name}`, async () => {
    await pool.end();
    await runAsAdmin(`DROP DATABASE ${name} WITH (FORCE)`);
  });
  return { name, url: url.href, pool };
}

async function runAsAdmin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: testServices().databaseUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
