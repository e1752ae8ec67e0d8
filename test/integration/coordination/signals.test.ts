// Signals between processes, on a connection that PostgreSQL ends.
import pg from 'pg';
import { expect, test } from 'vitest';
import { openSignals } from '../../../src/db/open-signals.js';
import { createLogger } from '../../../src/logger.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const { pool, url } = await createTestDatabase();
const logger = createLogger('silent', 'test');

function open(connectionString: string) {
  let lost = 0;
  let pid = 0;
  const signals = openSignals({
    connect: async () => {
      const client = new pg.Client({ connectionString });
      client.on('error', () => undefined);
      await client.connect();
      return { client, close: () => client.end() };
    },
    onConnected: async (client) => {
      pid = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0;
    },
    onLost: () => {
      lost += 1;
    },
    logger,
  });
  return { signals, lost: () => lost, pid: () => pid };
}

test('a connection that breaks is replaced, and listeners learn that they may have missed a signal', async () => {
  const { signals, lost, pid } = open(url);
  let heard = 0;
  signals.on('news', () => {
    heard += 1;
  });
  await waitUntil(() => heard === 1, 'the first connection');
  const first = pid();
  await pool.query('SELECT pg_terminate_backend($1)', [first]);
  await waitUntil(() => heard === 2, 'the second connection');
  expect(lost()).toBe(1);
  expect(pid()).not.toBe(first);
  await pool.query("SELECT pg_notify('popstash', 'news')");
  await waitUntil(() => heard === 3, 'the signal');
  await signals.close();
  expect(lost()).toBe(1);
});
