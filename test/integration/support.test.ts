import { expect, test } from 'vitest';
import { startPostgres, startRedis } from '../support/processes/servers.js';
import { createTestDatabase } from '../support/setup/database.js';

const database = await createTestDatabase();

test('a test database is a migrated, empty clone', async () => {
  const { rows } = await database.pool.query('SELECT count(*)::int AS count FROM insights');
  expect(rows).toEqual([{ count: 0 }]);
});

test('a private Redis can be killed, started again, stopped and emptied', async () => {
  const redis = await startRedis();
  await redis.command('SET', 'key', 'value');
  expect(await redis.command('GET', 'key')).toBe('$5\r\nvalue\r\n');
  await redis.kill();
  await expect(redis.command('PING')).rejects.toThrow(/ECONNREFUSED/);
  await redis.start();
  expect(await redis.command('GET', 'key')).toBe('$-1\r\n');
  redis.pause();
  redis.resume();
  expect(await redis.command('FLUSHALL')).toBe('+OK\r\n');
});

test('a private PostgreSQL comes back after a crash with what it had acknowledged', async () => {
  const postgres = await startPostgres();
  const { default: pg } = await import('pg');
  const query = async (sql: string) => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { rows } = await client.query(sql);
    await client.end();
    return rows;
  };
  await query('CREATE TABLE kept AS SELECT 1 AS one');
  await postgres.crash();
  await expect(query('SELECT 1')).rejects.toThrow();
  await postgres.start();
  expect(await query('SELECT one FROM kept')).toEqual([{ one: 1 }]);
});
