// Faults of what is in a database and of statements: each is caused on a real PostgreSQL, and told in our words: code, what it
// is, the fix, whether to retry.
import type { Pool } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { inTransaction } from '../../src/db/in-transaction.js';
import { listMigrations } from '../../src/db/read-migrations.js';
import { createSchemaInspection } from '../../src/db/server/inspect-schema.js';
import { findPackage } from '../../src/package-root.js';
import { openReports } from '../../src/reports/open-reports.js';
import { type Expected, expectTold, lasting, openPool, passing, told } from '../support/postgres/told.js';
import { createTestDatabase, type TestDatabase } from '../support/setup/database.js';

const inspect = createSchemaInspection(listMigrations(findPackage().root));

describe('what is in the database', () => {
  test.each<[what: string, breakIt: string, expected: Expected]>([
    [
      'never migrated',
      'DROP SCHEMA public CASCADE; CREATE SCHEMA public',
      { code: 'not_ready', retryable: false, message: /never migrated/, fix: /popstash migrate/ },
    ],
    [
      'migrated by an older version',
      `DELETE FROM _prisma_migrations WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)`,
      { code: 'not_ready', retryable: false, message: /older PopStash: 1 of/, fix: /popstash migrate/ },
    ],
    [
      'migrated by a newer version',
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '29991231000000_later', now())`,
      { code: 'conflict', retryable: false, message: /newer PopStash/, fix: /Update/ },
    ],
    [
      'half migrated',
      'UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)',
      { code: 'conflict', retryable: false, message: /did not finish/, fix: /rolled_back_at/ },
    ],
    [
      'without pgvector',
      'DROP EXTENSION vector CASCADE',
      { ...lasting, message: /pgvector/, fix: /CREATE EXTENSION vector/ },
    ],
    [
      'an old pgvector',
      `UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'`,
      { ...lasting, message: /pgvector 0.7.4 is too old/, fix: /ALTER EXTENSION vector UPDATE/ },
    ],
  ])('%s', async (_what, breakIt, expected) => {
    const database = await createTestDatabase();
    await database.pool.query(breakIt);
    expectTold(await told(openPool(database.url, { inspect }).query('SELECT 1')), expected);
  });

  test('extensions in a schema of their own, which the search path of the role lacks', async () => {
    const { pool, name, url } = await createTestDatabase();
    await pool.query(`CREATE SCHEMA extensions; ALTER EXTENSION vector SET SCHEMA extensions;
      ALTER EXTENSION pg_trgm SET SCHEMA extensions; CREATE ROLE ${name} LOGIN`);
    const own = new URL(url);
    own.username = name;
    const refused = await told(openPool(own.href, { inspect }).query('SELECT 1'));
    expectTold(refused, { ...lasting, message: /schema extensions/, fix: /GRANT USAGE ON SCHEMA "extensions"/ });
    await pool.query(`GRANT USAGE ON SCHEMA extensions TO ${name}`);
    const repeated = openPool(own.href, { inspect });
    const ask = () =>
      repeated.query(`SELECT '[1,2]'::vector <=> '[1,2]'::vector AS distance, similarity('a', 'a') AS alike`);
    await ask();
    // Two at once: a second connection, which is made ready by what the first has shown.
    for (const { rows } of await Promise.all([ask(), ask()])) expect(rows).toEqual([{ distance: 0, alike: 1 }]);
    await pool.query(`REVOKE USAGE ON SCHEMA extensions FROM ${name}; DROP ROLE ${name}`);
  });

  test('a right that is missing, an encoding that is not UTF8, a table that is gone', async () => {
    const { pool, name, url } = await createTestDatabase();
    await pool.query(`CREATE ROLE ${name} LOGIN`);
    const own = new URL(url);
    own.username = name;
    expectTold(await told(openPool(own.href).query('SELECT FROM insights')), {
      ...lasting,
      message: /lacks a right .*insights/,
      fix: /doctor/,
    });
    await pool.query(`DROP ROLE ${name}`);
    await pool.query(`CREATE DATABASE ${name}_latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'`);
    const latin = url.replace(name, `${name}_latin`);
    expectTold(await told(openPool(latin).query('SELECT 1')), { ...lasting, message: /LATIN1/, fix: /ENCODING UTF8/ });
    await pool.query(`DROP DATABASE ${name}_latin`);
    await pool.query('DROP TABLE locks CASCADE');
    const expected = { code: 'not_ready', retryable: false, fix: /popstash migrate.*doctor/ } as const;
    expectTold(await told(openPool(url).query('SELECT FROM locks')), { ...expected, message: /locks/ });
    // Through Prisma, which wraps what the database says.
    await pool.query('DROP TABLE insights, stashes, decisions CASCADE');
    const reports = openReports(openPool(url));
    const read = told(reports.listMemories('p', { limit: 1, kind: 'insight', since: null, author: null }));
    expectTold(await read, { ...expected, message: /insights/ });
    await reports.close();
  });
});

describe('what happens to a statement', () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await createTestDatabase({ template: false });
    await database.pool.query('CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0), (2, 0)');
    pool = openPool(database.url, { size: 4, statementTimeoutMs: 0 });
  });
  const update = (id: number) => `UPDATE t SET n = n + 1 WHERE id = ${id}`;

  test('it takes too long, waits too long for a lock, or stands idle in its transaction', async () => {
    const timeout = { code: 'timeout', retryable: true, fix: /Call again/ } as const;
    const slow = openPool(database.url, { statementTimeoutMs: 100 });
    expectTold(await told(slow.query('SELECT pg_sleep(60)')), {
      ...timeout,
      message: /in its time .*Nothing was written/,
    });
    const holder = await pool.connect();
    await holder.query('BEGIN');
    await holder.query(update(1));
    const waiting = inTransaction(pool, async (client) => {
      await client.query(`SET LOCAL lock_timeout = '50ms'`);
      await client.query(update(1));
    });
    expectTold(await told(waiting), { ...timeout, message: /Another transaction holds/ });
    await holder.query('ROLLBACK');
    await holder.query(`SET idle_in_transaction_session_timeout = '50ms'; BEGIN`);
    await new Promise((resolve) => holder.once('error', resolve));
    expect(await told(holder.query('SELECT 1'))).toMatchObject({ retryable: true });
    holder.release(true);
  });

  test('it meets another transaction', async () => {
    const met = {
      code: 'conflict',
      retryable: true,
      message: /Another write came in between/,
      fix: /Call again/,
    } as const;
    const serializable = 'BEGIN ISOLATION LEVEL SERIALIZABLE';
    const overtaken = inTransaction(
      pool,
      async (client) => {
        await client.query('SELECT sum(n) FROM t');
        await pool.query(update(2));
        await client.query(update(2));
      },
      serializable,
    );
    expectTold(await told(overtaken), met);
    const [one, two] = [await pool.connect(), await pool.connect()];
    for (const client of [one, two]) await client.query('BEGIN');
    await one.query(update(1));
    await two.query(update(2));
    const both = await Promise.allSettled([one.query(update(2)), two.query(update(1))]);
    const victim = both.find((result) => result.status === 'rejected');
    expectTold(await told(Promise.reject(victim?.reason)), met);
    for (const client of [one, two]) client.release(true);
  });

  test('the connection is ended, the table was changed', async () => {
    const ended = pool.query('SELECT pg_terminate_backend(pg_backend_pid())');
    expectTold(await told(ended), { ...passing, message: /broke .*may or may not/, fix: /look first/ });
    const client = await pool.connect();
    const named = { name: 'all', text: 'SELECT * FROM t' };
    await client.query(named);
    await client.query('ALTER TABLE t ADD COLUMN more text');
    expectTold(await told(client.query(named)), { ...passing, message: /changed while/, fix: /Call again/ });
    client.release();
    expect((await pool.query(named)).rowCount).toBe(2);
  });

  test('no connection of the pool is free', async () => {
    const small = openPool(database.url, { size: 1 });
    const client = await small.connect();
    const error = await told(small.query('SELECT 1'));
    client.release();
    expectTold(error, {
      code: 'timeout',
      retryable: true,
      message: /All connections of this process/,
      fix: /POPSTASH_POOL_SIZE/,
    });
  });

  test("the server's settings are other ones", async () => {
    await database.pool.query(`ALTER DATABASE ${database.name} SET datestyle = 'SQL, DMY'`);
    await database.pool.query(`ALTER DATABASE ${database.name} SET timezone = 'Asia/Kolkata'`);
    await database.pool.query(`ALTER DATABASE ${database.name} SET standard_conforming_strings = off`);
    await database.pool.query(`ALTER DATABASE ${database.name} SET intervalstyle = 'iso_8601'`);
    await database.pool.query(`ALTER DATABASE ${database.name} SET bytea_output = 'escape'`);
    await database.pool.query(`ALTER DATABASE ${database.name} SET default_transaction_isolation = 'serializable'`);
    const { rows } = await openPool(database.url).query(
      `SELECT timestamptz '2026-11-02 10:00:00+00' AS at, interval '90 minutes' AS long, '\\n' AS text,
         '\\x00ff'::bytea AS bytes, current_setting('transaction_isolation') AS isolation, timestamptz '2026-11-02 20:00:00+00'::date::text AS day`,
    );
    expect(rows[0]).toMatchObject({
      at: new Date('2026-11-02T10:00:00Z'),
      long: { hours: 1, minutes: 30 },
      text: '\\n',
      bytes: Buffer.from([0, 255]),
      isolation: 'read committed',
      day: '2026-11-02',
    });
  });
});
