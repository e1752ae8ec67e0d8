import { join } from 'node:path';
import type { PoolClient } from 'pg';
import { expect, test } from 'vitest';
import { openPglite } from '../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../src/db/pglite/pglite-pool.js';
import { createFolder } from '../support/setup/folders.js';
import { closeAtFileEnd } from '../support/setup/resources.js';

const database = await openPglite(join(createFolder('ps-pglite-'), 'db'));
closeAtFileEnd('the database', () => database.close());

test.each([
  ['calls go before jobs', 60_000, ['busy', 'call', 'job 1', 'job 2']],
  ['jobs go on under a flood of calls', 0, ['busy', 'job 1', 'job 2', 'call']],
])('%s', async (_, yieldsMs, expected) => {
  const shared = new PglitePool(Promise.resolve(database), { limits: { yieldsMs } });
  const jobs = shared.openBackground();
  const clients = await Promise.all([shared.connect(), shared.connect(), jobs.connect(), jobs.connect()]);
  const [busy, call, one, two] = clients as [PoolClient, PoolClient, PoolClient, PoolClient];
  const ended: string[] = [];
  const ask = (client: PoolClient, name: string) =>
    client.query('SELECT count(*) FROM generate_series(1, 20000)').then(() => ended.push(name));
  await Promise.all([ask(busy, 'busy'), ask(one, 'job 1'), ask(two, 'job 2'), ask(call, 'call')]);
  expect(ended).toEqual(expected);
  for (const client of clients) client.release();
  await Promise.all([shared.end(), jobs.end()]);
});
