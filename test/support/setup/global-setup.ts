// Once a run, before the first integration or e2e file: private services and a migrated template database.
// Runs in vitest's main process; what test files need to know goes to them through the environment.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { generateClient } from '../../../scripts/generate-client.mjs';
import { startSupervised } from '../../../scripts/services/start-supervised.mjs';
import { migrate } from '../../../src/db/migrate.js';
import { findPackage } from '../../../src/package-root.js';
import { RUN_MARKER, SERVICES_VARIABLE, TEMPLATE_DATABASE, type TestServices } from './services.js';

/** @returns the teardown, for the project that came first; the others find the services running. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[SERVICES_VARIABLE] !== undefined) return undefined;
  // Reports import it.
  generateClient();
  const run = randomUUID();
  const services = await startSupervised({ marker: `${RUN_MARKER}=${run}` });
  const shared: TestServices = {
    databaseUrl: services.databaseUrl,
    redisUrl: services.redisUrl,
    runtime: services.runtime,
  };
  await createTemplate(services.databaseUrl);
  process.env[SERVICES_VARIABLE] = JSON.stringify(shared);
  process.env[RUN_MARKER] = run;
  return async () => {
    delete process.env[SERVICES_VARIABLE];
    await services.stop();
  };
}

async function createTemplate(databaseUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: databaseUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`);
  await admin.end();
  const url = new URL(databaseUrl);
  url.pathname = `/${TEMPLATE_DATABASE}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  await migrate(pool, findPackage().root);
  await pool.end();
}
