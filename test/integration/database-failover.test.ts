// Which server a pool talks to: a standby and a read-only server are left, a primary is found, a pooler is looked through.
import type { Pool } from 'pg';
import { pino } from 'pino';
import { beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { translateDatabaseError } from '../../src/db/faults/translate-error.js';
import { holdLivenessLock } from '../../src/db/hold-liveness-lock.js';
import { inTransaction } from '../../src/db/in-transaction.js';
import { createPool } from '../../src/db/pool.js';
import { type Cluster, startCluster, startStandby } from '../support/postgres/cluster.js';
import { requirePgbouncer, startPgbouncer } from '../support/postgres/pgbouncer.js';
import { createTestDatabase } from '../support/setup/database.js';
import { closeAtFileEnd } from '../support/setup/resources.js';
import { waitUntil } from '../support/setup/wait-until.js';

const logger = pino({ level: 'silent' });

function open(connectionString: string, size = 3): Pool {
  const pool = createPool({ connectionString, size, logger });
  closeAtFileEnd('pool', () => pool.end());
  return pool;
}

const told = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => translateDatabaseError(error),
  );
const readOnly = {
  code: 'database_unavailable',
  retryable: true,
  message: expect.stringMatching(/takes no writes/),
  fix: expect.stringMatching(/HOST1.*HOST2/),
};

describe('a primary and its standby', () => {
  let primary: Cluster;
  let standby: Cluster;
  const both = () => `postgres://postgres@127.0.0.1:${standby.port},127.0.0.1:${primary.port}/postgres`;
  const portOf = async (pool: Pool): Promise<number> =>
    (await pool.query<{ port: number }>(`SELECT current_setting('port')::int AS port`)).rows[0]?.port ?? 0;
  beforeAll(async () => {
    primary = await startCluster({ settings: { wal_level: 'replica', max_wal_senders: '4' } });
    await primary.run('CREATE TABLE t (id int)');
    standby = await startStandby(primary, 'standby');
  });

  test('a standby alone is refused, one of a list is passed over', async () => {
    expect(await told(open(standby.url()).query('SELECT 1'))).toMatchObject(readOnly);
    const pool = open(both());
    expect(await portOf(pool)).toBe(primary.port);
    const clients = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
    for (const client of clients) client.release();
  });

  test('a server that becomes read only is told, and its connections are not used again', async () => {
    const pool = open(primary.url());
    const clients = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
    for (const client of clients) client.release();
    const setReadOnly = async (value: string) => {
      await primary.run(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
      await primary.run('SELECT pg_reload_conf()');
      await waitUntil(
        async () =>
          (await primary.run<{ now: string }>(`SELECT current_setting('default_transaction_read_only') AS now`))[0]
            ?.now === value,
        'the setting',
      );
    };
    await setReadOnly('on');
    const insert = () => inTransaction(pool, (client) => client.query('INSERT INTO t VALUES (1)'));
    const outcomes = await Promise.all([insert(), insert(), insert()].map(told));
    for (const outcome of outcomes) expect(outcome).toMatchObject(readOnly);
    await setReadOnly('off');
    expect(await told(insert())).toBeNull();
  });

  test('a commit that no standby has is not acknowledged, whatever the time-out of statements', async () => {
    const pool = open(primary.url());
    await pool.query('SELECT 1');
    await primary.run(`ALTER SYSTEM SET synchronous_standby_names = 'away'`);
    await primary.run('SELECT pg_reload_conf()');
    // The checkpointer tells the others that commits wait for a standby.
    await waitUntil(async () => (await told(pool.query('INSERT INTO t VALUES (9)'))) !== null, 'a commit that waits');
    const unknown = { code: 'database_unavailable', retryable: true, message: expect.stringMatching(/may or may not/) };
    const inserts = [
      told(pool.query('INSERT INTO t VALUES (10)')),
      told(pool.query('INSERT INTO t VALUES ($1)', [11])),
      told(inTransaction(pool, (client) => client.query('INSERT INTO t VALUES (12)'))),
    ];
    for (const outcome of await Promise.all(inserts)) expect(outcome).toMatchObject(unknown);
    await primary.run(`ALTER SYSTEM SET synchronous_standby_names = ''`);
    await primary.run('SELECT pg_reload_conf()');
    expect(await told(pool.query('INSERT INTO t VALUES (13)'))).toBeNull();
  });

  test('after a failover the same pool, and the same liveness lock, are at the new primary', async () => {
    const pool = open(both());
    await pool.query('INSERT INTO t VALUES (2)');
    const held = holdLivenessLock({ connectionString: both(), agentId: 'agent_x', logger });
    closeAtFileEnd('liveness', held.close);
    const clients = await Promise.all([pool.connect(), pool.connect()]);
    for (const client of clients) client.release();
    await primary.stop('immediate');
    const meanwhile = await told(pool.query('INSERT INTO t VALUES (3)'));
    expect(meanwhile).toMatchObject({ code: 'database_unavailable', retryable: true });
    await standby.promote();
    expect(await told(pool.query('INSERT INTO t VALUES (4)'))).toBeNull();
    expect(await portOf(pool)).toBe(standby.port);
  });
});

describe('a pooler between', () => {
  const through = async (context: TestContext, mode: 'session' | 'transaction' | 'statement') => {
    const program = requirePgbouncer(context);
    const { url, pool } = await createTestDatabase();
    return { url: await startPgbouncer(program, new URL(url), mode), pool };
  };
  test('in session mode it is used like PostgreSQL itself', async (context) => {
    const { url } = await through(context, 'session');
    const pool = open(url);
    const settings = `SELECT current_setting('statement_timeout') AS timeout, current_setting('enable_seqscan') AS seqscan`;
    expect((await pool.query(settings)).rows).toEqual([{ timeout: '2s', seqscan: 'off' }]);
    const held = holdLivenessLock({ connectionString: url, agentId: 'agent_x', logger });
    await held.livenessLock.untilHeld('agent_x', 30_000);
    expect(held.livenessLock.isHeld('agent_x')).toBe(true);
    const free = () => pool.query<{ free: boolean }>(`SELECT is_liveness_lock_free('agent_x') AS free`);
    expect((await free()).rows).toEqual([{ free: false }]);
    await held.close();
    await waitUntil(async () => (await free()).rows[0]?.free, 'the lock to be free');
  });

  test.for(['transaction', 'statement'] as const)(
    'in %s mode it is refused, also with other clients about',
    async (mode, context) => {
      const { url, pool: direct } = await through(context, mode);
      const refused = {
        code: 'database_unavailable',
        retryable: false,
        message: expect.stringMatching(/transaction mode/),
        fix: expect.stringMatching(/pool_mode = session/),
      };
      expect(await told(open(url).query('SELECT 1'))).toMatchObject(refused);
      const { default: pg } = await import('pg');
      const others = new pg.Pool({ connectionString: url, max: 6 });
      closeAtFileEnd('others', () => others.end());
      let busy = true;
      const traffic = Array.from({ length: 6 }, async () => {
        while (busy) await others.query('SELECT pg_sleep(0.002)');
      });
      for (let round = 0; round < 5; round += 1) {
        expect(await told(open(url).query('SELECT 1'))).toMatchObject(refused);
      }
      const held = holdLivenessLock({ connectionString: url, agentId: 'agent_x', logger });
      await held.livenessLock.untilHeld('agent_x', 300);
      expect(held.livenessLock.isHeld('agent_x')).toBe(false);
      await held.close();
      busy = false;
      await Promise.all(traffic);
      const { rows } = await direct.query(`SELECT FROM pg_locks WHERE locktype = 'advisory'`);
      expect(rows).toEqual([]);
    },
  );
});
