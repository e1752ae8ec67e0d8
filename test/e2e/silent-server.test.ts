// A server that does not answer: stopped, or kept by a statement without end.

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPglite } from '../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../src/db/pglite/pglite-pool.js';
import { readOwner } from '../../src/ipc/read-owner.js';
import { connectClient } from '../support/processes/client.js';
import { serverProcesses } from '../support/processes/local-server.js';
import { runCommand } from '../support/processes/processes.js';
import { createDataFolder } from '../support/setup/folders.js';

/** Five seconds are promised; the machine that runs the tests may be busy with others. */
const BOUND_MS = 25_000;

test('a stopped server is ended, and the call that waits for it is carried out by the next one', async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir };
  const client = await connectClient({ env });
  await client.call('insight', { content: 'before' });
  const first = readOwner(dataDir)?.pid ?? 0;
  process.kill(first, 'SIGSTOP');
  const started = performance.now();
  expect(await client.call('insight', { content: 'after' })).toMatchObject({ version: 1 });
  expect(performance.now() - started).toBeLessThan(BOUND_MS);
  const second = readOwner(dataDir)?.pid ?? 0;
  expect(second).not.toBe(first);
  expect(serverProcesses(dataDir)).toEqual([second]);

  // Nobody is connected to this one when it is stopped.
  await client.close();
  process.kill(second, 'SIGSTOP');
  const other = await connectClient({ env });
  expect(await other.call('ping')).toMatchObject({ status: 'pong' });
  const third = readOwner(dataDir)?.pid ?? 0;
  expect(serverProcesses(dataDir)).toEqual([third]);

  await other.close();
  process.kill(third, 'SIGSTOP');
  expect((await runCommand(['down'], { env })).stdout).toContain(`Stopped the local server (pid ${third})`);
  expect(serverProcesses(dataDir)).toEqual([]);
});

test('a statement without end is told to those who wait, not waited for', async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir };
  await runCommand(['up'], { env });
  await runCommand(['down'], { env });
  const database = await openPglite(join(dataDir, 'database'));
  const pool = new PglitePool(Promise.resolve(database));
  await pool.query(`CREATE FUNCTION endless() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN LOOP END LOOP; END';
    CREATE TRIGGER endless BEFORE INSERT ON decisions FOR EACH ROW EXECUTE FUNCTION endless()`);
  await pool.end();
  await database.close();

  const [one, other] = await Promise.all([connectClient({ env }), connectClient({ env })]);
  await Promise.all([one.call('ping'), other.call('ping')]);
  const started = performance.now();
  const own = one.call('decide', { topic: 't', decision: 'd' }).catch((error: unknown) => error);
  const others = other.call('recall', { query: 'anything' }).catch((error: unknown) => error);
  expect(await own).toMatchObject({
    code: 'timeout',
    retryable: true,
    fix: expect.stringContaining('popstash doctor'),
  });
  expect(await others).toMatchObject({ code: 'timeout', retryable: true });
  expect(performance.now() - started).toBeLessThan(BOUND_MS);
});
