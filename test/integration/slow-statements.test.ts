// Statements of the embedded database that take too long, or do not end.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPglite, type PgliteBackend } from '../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../src/db/pglite/pglite-pool.js';
import { createFolder } from '../support/setup/folders.js';

let database: PgliteBackend;
let impatient: PglitePool;

beforeAll(async () => {
  database = await openPglite(createFolder(), { fsync: 'off' });
});

afterAll(() => database.close());

it('answers for a statement that takes too long, and those who wait for it, and goes on when it has ended', async () => {
  const [thread, ended] = openSlowThread();
  const fatal: Error[] = [];
  impatient = new PglitePool(Promise.resolve(thread), {
    limits: { statementMs: 100, stuckMs: 60_000 },
    onFatal: (error) => fatal.push(error),
  });
  const patient = impatient.openPatient();
  const [own, other] = await Promise.allSettled([
    impatient.query('SELECT 1 AS slow'),
    impatient.query('SELECT 2 AS n'),
  ]);
  expect(own).toMatchObject({ status: 'rejected', reason: { code: '57014', message: /busy.*this one/ } });
  expect(other).toMatchObject({ status: 'rejected', reason: { code: '57014', message: /busy.*another one/ } });
  await expect(impatient.query('SELECT 3 AS n')).rejects.toMatchObject({ code: '57014' });
  ended();
  await expect
    .poll(async () => await impatient.query('SELECT 4 AS n').catch(() => null))
    .toMatchObject({ rows: [{ n: 4 }] });

  // Its client has said that it may take long.
  const client = await patient.connect();
  const long = client.query('SELECT 5 AS slow');
  await expect(impatient.query('SELECT 6 AS n')).rejects.toMatchObject({ code: '57014' });
  ended();
  expect((await long).rows).toEqual([{ slow: 5 }]);
  client.release();
  expect(fatal).toEqual([]);
  await Promise.all([impatient.end(), patient.end()]);
});

it('gives a database up that does not come to the end of a statement', async () => {
  const [thread, ended] = openSlowThread();
  const fatal = new Promise<Error>((resolve) => {
    impatient = new PglitePool(Promise.resolve(thread), {
      limits: { statementMs: 50, stuckMs: 100 },
      onFatal: resolve,
    });
  });
  await expect(impatient.query('SELECT 1 AS slow')).rejects.toMatchObject({ code: '57014' });
  expect(await fatal).toMatchObject({ name: 'StuckStatementError', message: /SELECT 1 AS slow/ });
  ended();
  await impatient.end();
});

/** The same database, which takes a statement with `slow` in it only when it is told to. */
function openSlowThread(): [PgliteBackend, () => void] {
  let goOn: () => void = () => undefined;
  const slow = {
    ...database,
    async run(bytes: Buffer) {
      if (bytes.includes('slow')) await new Promise<void>((resolve) => (goOn = resolve));
      return await database.run(bytes);
    },
  };
  return [slow, () => goOn()];
}
