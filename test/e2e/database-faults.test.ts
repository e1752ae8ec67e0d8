// A database that can't be worked with is told alike by tool, status, doctor, worker and migrate: in our words, by the exit
// code, without a stack.
import { beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, startCluster, startStandby } from '../support/postgres/cluster.js';
import { requirePgbouncer, startPgbouncer } from '../support/postgres/pgbouncer.js';
import { connectClient } from '../support/processes/client.js';
import { runCommand, spawnCommand } from '../support/processes/processes.js';
import { createTestDatabase } from '../support/setup/database.js';
import type { EnvironmentChange } from '../support/setup/environment.js';
import { createFolder } from '../support/setup/folders.js';
import { testServices } from '../support/setup/services.js';

const STACK = /^\s+at |\.(js|ts|mjs):\d+|P\d{4}/m;

interface Told {
  code: string;
  retryable: boolean;
  words: RegExp;
  /** What a worker does: it ends, or waits for those who mend it. */
  worker: 'ends' | 'waits';
  migrates: boolean;
}

async function expectToldEverywhere(url: string, told: Told): Promise<void> {
  const env = { DATABASE_URL: url, REDIS_URL: testServices().redisUrl };
  await Promise.all([
    expectToolToTell(env, told),
    expectCommandToTell('status', env, told),
    expectWorkerToTell(env, told),
    ...(told.migrates ? [] : [expectCommandToTell('migrate', env, told)]),
  ]);
}

async function expectToolToTell(env: EnvironmentChange, { code, retryable, words }: Told): Promise<void> {
  const client = await connectClient({ env });
  await expect(client.call('insight', { content: 'kept?' })).rejects.toMatchObject({
    code,
    retryable,
    message: expect.stringMatching(words),
  });
  await client.close();
  expect(client.stderr()).not.toMatch(STACK);
}

/** What is wrong, and what to do: two lines. */
async function expectCommandToTell(command: string, env: EnvironmentChange, { words }: Told): Promise<void> {
  const { code, stdout, stderr } = await runCommand([command], { env });
  expect({ code, stdout, stderr }).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(words) });
  expect(stderr).toMatch(/^popstash: .+\n {2}.+\n$/m);
  expect(stderr).not.toMatch(STACK);
}

async function expectWorkerToTell(env: EnvironmentChange, { words, worker }: Told): Promise<void> {
  const running = spawnCommand(['worker', 'lock-expiry'], { env, input: '' });
  if (worker === 'ends') {
    expect(await running.exited).toBe(1);
    expect(running.stderr()).toMatch(/^popstash worker lock-expiry: .+\n$/);
  } else {
    await running.untilStderr(/waiting for a migrated database/);
    await running.stop();
  }
  expect(running.stderr()).toMatch(words);
  expect(running.stderr()).not.toMatch(STACK);
}

describe('told alike everywhere', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({
      settings: { wal_level: 'replica', max_wal_senders: '4' },
      hba: ['host all known 127.0.0.1/32 scram-sha-256', 'host all all 127.0.0.1/32 trust'],
    });
    await cluster.run(`CREATE ROLE known LOGIN PASSWORD 'right'`);
  });

  test('never migrated', async () => {
    const told = {
      code: 'not_ready',
      retryable: false,
      words: /never migrated/,
      worker: 'waits',
      migrates: true,
    } as const;
    await expectToldEverywhere(cluster.url(), told);
  });

  test('a wrong password', async () => {
    const told = {
      code: 'database_unavailable',
      retryable: false,
      words: /refuses the user or the password/,
      worker: 'ends',
      migrates: false,
    } as const;
    await expectToldEverywhere(cluster.url({ user: 'known', password: 'wrong' }), told);
  });

  test('a standby', async () => {
    const standby = await startStandby(cluster, 'standby');
    const told = {
      code: 'database_unavailable',
      retryable: true,
      words: /takes no writes/,
      worker: 'waits',
      migrates: false,
    } as const;
    await expectToldEverywhere(standby.url(), told);
    await standby.stop('immediate');
  });

  test('a pooler in transaction mode', async (context) => {
    const program = requirePgbouncer(context);
    const { url } = await createTestDatabase();
    const pooled = await startPgbouncer(program, new URL(url), 'transaction');
    const told = {
      code: 'database_unavailable',
      retryable: false,
      words: /transaction mode/,
      worker: 'ends',
      migrates: false,
    } as const;
    await expectToldEverywhere(pooled, told);
  });
});

describe('popstash migrate', () => {
  const migrate = async (url: string) => {
    const result = await runCommand(['migrate'], { env: { DATABASE_URL: url, REDIS_URL: undefined } });
    expect(result.stderr).not.toMatch(STACK);
    return result;
  };

  test('by a role that may not create extensions, or tables: says who must run what, and goes on once it is done', async () => {
    const { name, pool, url } = await createTestDatabase({ template: false });
    await pool.query(`CREATE ROLE ${name} LOGIN`);
    const own = new URL(url);
    own.username = name;
    const first = await migrate(own.href);
    expect(first).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/may not create the extensions vector, pg_trgm, btree_gin/),
    });
    const statements = /in the database \S+: (.*;) Then run/.exec(first.stderr)?.[1] ?? '';
    await pool.query(statements);
    const second = await migrate(own.href);
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/may not make tables in the schema public[\s\S]*GRANT/),
    });
    await pool.query(`GRANT CREATE ON SCHEMA public TO ${name}; GRANT CREATE ON DATABASE ${name} TO ${name}`);
    expect(await migrate(own.href)).toMatchObject({ code: 0 });
    // Up to date, it needs no right to create anything.
    await pool.query(`REVOKE CREATE ON SCHEMA public FROM ${name}; REVOKE CREATE ON DATABASE ${name} FROM ${name}`);
    expect(await migrate(own.href)).toMatchObject({ code: 0, stdout: expect.stringContaining('Up to date') });
    await pool.query(`DROP OWNED BY ${name} CASCADE; DROP ROLE ${name}`);
  });

  test('of tables that belong to another role, or that somebody has changed', async () => {
    const { name, pool, url } = await createTestDatabase({ template: false });
    await pool.query(
      `CREATE TABLE projects (id text); CREATE EXTENSION vector; CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin`,
    );
    const changed = await migrate(url);
    expect(changed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/migration \d+_init failed: .*projects.*\(SQLSTATE 42P07\)/),
    });
    const { rows } = await pool.query('SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = $1', [
      'public',
    ]);
    expect(rows).toEqual([{ tables: 2 }]);
    expect(name).toBeTruthy();
  });

  test('while somebody else holds the tables, and once the connection is ended meanwhile', async () => {
    const { pool, url } = await createTestDatabase({ template: false });
    const holder = await pool.connect();
    await holder.query('SELECT pg_advisory_lock(72707369)');
    const running = spawnCommand(['migrate'], { env: { DATABASE_URL: url, REDIS_URL: undefined }, input: '' });
    const ended = async () =>
      (
        await pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()`,
        )
      ).rowCount;
    while ((await ended()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await running.exited).toBe(1);
    holder.release(true);
    expect(running.stderr()).toMatch(/connection to the database broke/);
    expect(running.stderr()).not.toMatch(STACK);
  });
});

test('`popstash doctor` names what is wrong, and ends with code 1', async () => {
  const { url } = await createTestDatabase({ template: false });
  const { code, stdout, stderr } = await runCommand(['doctor'], {
    env: { DATABASE_URL: url, REDIS_URL: testServices().redisUrl },
    cwd: createFolder(),
  });
  expect(code).toBe(1);
  expect(stdout).toMatch(/BROKEN {3}database .*never migrated[\s\S]*→ .*popstash migrate/);
  expect(`${stdout}${stderr}`).not.toMatch(STACK);
});
