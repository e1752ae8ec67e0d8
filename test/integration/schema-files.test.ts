// prisma/functions and prisma/schema.sql say what migrations make: compared with migrated databases of both modes.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpSchema } from '../../scripts/migrations/dump-schema.mjs';
import { readFunctionFiles } from '../../scripts/migrations/function-files.mjs';
import { listDefinitions, listFileDefinitions } from '../../scripts/migrations/list-definitions.mjs';
import { ADVISORY_LOCKS } from '../../src/db/advisory-locks.js';
import { migrate } from '../../src/db/migrate.js';
import { openPglite, type PgliteBackend } from '../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../src/db/pglite/pglite-pool.js';
import { findPackage } from '../../src/package-root.js';
import { createTestDatabase } from '../support/setup/database.js';

const { root } = findPackage();
const server = await createTestDatabase();
const folder = await mkdtemp(join(tmpdir(), 'popstash-schema-'));
let backend: PgliteBackend;
const pools: Record<string, Pool> = { server: server.pool };

beforeAll(async () => {
  backend = await openPglite(join(folder, 'db'), { fsync: 'off' });
  pools.embedded = new PglitePool(Promise.resolve(backend));
  await migrate(pools.embedded, root);
});

afterAll(async () => {
  await pools.embedded?.end();
  await backend.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each(['server', 'embedded'])('a migrated database, %s', (mode) => {
  test('holds the functions and views of prisma/functions, and no others', async () => {
    const client = await (pools[mode] as Pool).connect();
    try {
      const query = async (sql: string) => (await client.query(sql)).rows;
      expect(await listDefinitions(query)).toEqual(await listFileDefinitions(query, root));
    } finally {
      client.release();
    }
  });

  test('is what prisma/schema.sql says', async () => {
    const dumped = await dumpSchema(async (sql) => ((await pools[mode]?.query(sql))?.rows ?? []) as never[]);
    expect(dumped, 'after a migration: npm run schema:dump').toBe(
      readFileSync(join(root, 'prisma', 'schema.sql'), 'utf8'),
    );
  });
});

describe('prisma/functions', () => {
  test('take advisory locks in the functions that are named after them, by the numbers that TypeScript knows', () => {
    const taken = readFunctionFiles(root).flatMap(({ name, sql }) =>
      [...sql.matchAll(/hashtextextended\(.*?, (\d+)\)/g)].map(([, seed]) => [name, Number(seed)]),
    );
    expect(Object.fromEntries(taken)).toEqual({
      lock_project: ADVISORY_LOCKS.project,
      hold_liveness_lock: ADVISORY_LOCKS.liveness,
      is_liveness_lock_free: ADVISORY_LOCKS.liveness,
      try_hold_liveness_lock: ADVISORY_LOCKS.liveness,
      try_lock_liveness_check: ADVISORY_LOCKS.livenessCheck,
      lock_projects: ADVISORY_LOCKS.projects,
      share_usage_lock: ADVISORY_LOCKS.usage,
      lock_usage: ADVISORY_LOCKS.usage,
      lock_usage_client: ADVISORY_LOCKS.usageClient,
      lock_usage_rollups: ADVISORY_LOCKS.usageRollups,
      try_lock_usage_rollups: ADVISORY_LOCKS.usageRollups,
    });
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.ts'),
    );
    const named = sources.filter((path) => readFileSync(join(root, 'src', path), 'utf8').includes('hashtextextended('));
    expect(named).toEqual([]);
  });
});
