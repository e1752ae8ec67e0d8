// What `popstash doctor` says of server mode: each fault of PostgreSQL, Redis and the workers is found, and a sound one has none.
import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkServer } from '../../../src/app/storage/check-server.js';
import type { Check } from '../../../src/hooks/doctor/run-check.js';
import { parseConfig } from '../../../src/parse-config.js';
import { type RunningProcess, runCommand, startWorker } from '../../support/processes/processes.js';
import { startRedis } from '../../support/processes/servers.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const logger = pino({ level: 'silent' });
const WORKERS = ['embedding', 'lock-expiry', 'maintenance', 'cost-rollup'] as const;

async function check(databaseUrl: string, redisUrl?: string): Promise<Record<string, Check>> {
  const config = parseConfig({
    DATABASE_URL: databaseUrl,
    POPSTASH_DATA_DIR: createFolder(),
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
  });
  const found: Record<string, Check> = {};
  for await (const each of checkServer(config, logger)) found[each.name] = each;
  return found;
}

type DatabaseCase = [what: string, part: string, breakIt: (database: TestDatabase) => Promise<string>, detail: RegExp];

/** Runs statements in the database. @returns its URL, for the user that is named */
const run =
  (...statements: string[]) =>
  async ({ pool, url }: TestDatabase): Promise<string> => {
    for (const statement of statements) await pool.query(statement);
    return url;
  };

let users = 0;
/** A user of its own with some rights. */
const asUser =
  (...grants: string[]) =>
  async ({ name, pool, url }: TestDatabase): Promise<string> => {
    users += 1;
    const user = `${name}_${users}`;
    await pool.query(`CREATE ROLE ${user} LOGIN PASSWORD 'x'`);
    for (const grant of grants) await pool.query(grant.replaceAll('$user', user));
    const own = new URL(url);
    own.username = user;
    own.password = 'x';
    return own.href;
  };
const TABLES = 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO $user';
const SEQUENCES = 'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO $user';

describe('PostgreSQL', () => {
  test.each<DatabaseCase>([
    [
      'a table of migrations that lacks one',
      'migrations',
      run('DELETE FROM _prisma_migrations WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)'),
      /1 of \d+ are not applied: /,
    ],
    [
      'a migration that failed half way',
      'migrations',
      run(
        'UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)',
      ),
      /failed half way/,
    ],
    [
      'the tables of a later version',
      'migrations',
      run(
        "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '29991231000000_later', now())",
      ),
      /a newer PopStash: 29991231000000_later/,
    ],
    ['a user without rights', 'rights', asUser(), /permission denied|may not use/],
    [
      'a user that only reads',
      'rights',
      asUser('GRANT SELECT ON ALL TABLES IN SCHEMA public TO $user', SEQUENCES),
      /may not use /,
    ],
    [
      'a user that does not delete',
      'rights',
      asUser('GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO $user', SEQUENCES),
      /may not use /,
    ],
    [
      'a user without one table',
      'rights',
      asUser(TABLES, SEQUENCES, 'REVOKE INSERT ON insights FROM $user'),
      /may not use insights$/,
    ],
    ['a user without sequences', 'rights', asUser(TABLES), /may not use .*lock_tokens|may not use .*_seq/],
    [
      'a user without functions',
      'rights',
      asUser(TABLES, SEQUENCES, 'REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC'),
      /may not use .*\(\)/,
    ],
    [
      'a database that is read only',
      'rights',
      async (database) => await run(`ALTER DATABASE ${database.name} SET default_transaction_read_only = on`)(database),
      /takes no writes/,
    ],
    ['no pgvector', 'pgvector', run('DROP EXTENSION vector CASCADE'), /not there/],
    [
      'pgvector in a schema that the user may not use',
      'pgvector',
      asUser('CREATE SCHEMA elsewhere', 'ALTER EXTENSION vector SET SCHEMA elsewhere'),
      /in the schema elsewhere/,
    ],
  ])('%s', async (_what, part, breakIt, detail) => {
    const url = await breakIt(await createTestDatabase());
    const found = await check(url);
    expect(found[part]).toMatchObject({ state: 'broken', detail: expect.stringMatching(detail) });
  });

  test('an empty database, and none at all', async () => {
    const { url } = await createTestDatabase({ template: false });
    const empty = await check(url);
    expect(empty.migrations).toMatchObject({ state: 'broken', detail: expect.stringContaining('are not applied') });
    expect(empty.rights?.state).toBe('broken');
    expect(empty.pgvector?.state).toBe('broken');
    const absent = await check('postgres://nobody@127.0.0.1:1/none');
    expect(Object.values(absent).map(({ state }) => state)).not.toContain('ok');
  });
});

describe('Redis and the workers', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });

  test('a sound one has no fault; each worker that ends or stops is named', async () => {
    const redis = await startRedis();
    const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
    const names = WORKERS.map((name) => `worker ${name}`);
    const none = await check(database.url, redis.url);
    for (const name of names) {
      expect(none[name]).toMatchObject({
        state: 'broken',
        detail: expect.stringContaining('no process takes the jobs'),
      });
    }
    const workers = new Map<string, RunningProcess>();
    for (const name of WORKERS) workers.set(name, await startWorker(name, env));
    const sound = await waitUntil(async () => {
      const found = await check(database.url, redis.url);
      const faults = Object.values(found).filter(({ state }) => state !== 'ok');
      if (faults.length > 0) throw new Error(JSON.stringify(faults));
      return found;
    }, 'the workers to be connected');
    expect(Object.keys(sound)).toEqual(expect.arrayContaining(['migrations', 'rights', 'pgvector', 'redis', ...names]));

    await workers.get('lock-expiry')?.stop();
    const ended = await check(database.url, redis.url);
    expect(ended['worker lock-expiry']).toMatchObject({ state: 'broken' });
    expect(ended['worker embedding']).toMatchObject({ state: 'ok' });

    workers.get('maintenance')?.kill('SIGSTOP');
    const stopped = await waitUntil(
      async () => {
        const found = await check(database.url, redis.url);
        return found['worker maintenance']?.state === 'broken' && found;
      },
      'the stopped worker to be noticed',
      { timeoutMs: 60_000, intervalMs: 2_000 },
    );
    expect(stopped['worker maintenance']?.detail).toContain('have asked for no job');
    expect(stopped['worker cost-rollup']).toMatchObject({ state: 'ok' });
  });

  test('Redis that is away, drops keys, is full, takes no writes', async () => {
    const redis = await startRedis();
    const stateOf = async () => (await check(database.url, redis.url)).redis;
    expect(await stateOf()).toMatchObject({ state: 'ok' });
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await stateOf()).toMatchObject({ state: 'broken', detail: expect.stringContaining('allkeys-lru') });
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    expect(await stateOf()).toMatchObject({ state: 'broken', detail: expect.stringContaining('takes no writes: OOM') });
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    expect(await stateOf()).toMatchObject({ state: 'broken', detail: expect.stringContaining('READONLY') });
    await redis.command('REPLICAOF', 'NO', 'ONE');
    redis.pause();
    expect(await stateOf()).toMatchObject({ state: 'broken', detail: expect.stringContaining('does not answer') });
    redis.resume();
    await redis.kill();
    const away = await check(database.url, redis.url);
    expect(away.redis).toMatchObject({ state: 'broken' });
    expect(away['worker embedding']).toMatchObject({ state: 'broken' });
  });

  test('a node of a Redis Cluster', async () => {
    const redis = await startRedis({ flags: ['--cluster-enabled', 'yes', '--dir', createFolder()] });
    const { redis: found } = await check(database.url, redis.url);
    expect(found).toMatchObject({ state: 'broken', detail: expect.stringContaining('Redis Cluster') });
  });

  test('`popstash doctor` ends with code 1', async () => {
    const env = { DATABASE_URL: database.url, REDIS_URL: 'redis://127.0.0.1:1', POPSTASH_DATA_DIR: createDataFolder() };
    const { code, stdout } = await runCommand(['doctor', '--json'], { env, cwd: createFolder() });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ healthy: false });
  });
});
