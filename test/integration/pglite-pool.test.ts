import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openPglite, type PgliteBackend } from '../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../src/db/pglite/pglite-pool.js';

let folder: string;
let database: PgliteBackend;
let pool: PglitePool;
/** The same database with short limits, to see them act. */
let impatient: PglitePool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'popstash-pglite-'));
  database = await openPglite(join(folder, 'db'));
  pool = new PglitePool(Promise.resolve(database));
  await pool.query('CREATE EXTENSION vector');
});

beforeEach(async () => {
  await pool.query(
    'DROP TABLE IF EXISTS item; CREATE TABLE item (id serial PRIMARY KEY, name text UNIQUE, amount int)',
  );
});

afterAll(async () => {
  await pool.end();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function count(): Promise<number> {
  const { rows } = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM item');
  return rows[0]?.n ?? -1;
}

async function inTransaction(work: (client: PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await work(client);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

it('gives the types that pg gives', async () => {
  const { rows } = await pool.query(
    `SELECT 9007199254740993::int8 AS big, 1 AS small, 1.5::float8 AS float, 2.50::numeric AS exact, true AS yes,
            '2026-01-02T03:04:05Z'::timestamptz AS time, '\\x00ff'::bytea AS bytes, '{"a":[1,null]}'::jsonb AS json,
            ARRAY['a','b,"c']::text[] AS texts, ARRAY[1,2]::int[] AS numbers, NULL::text AS none, '[1,2,3]'::vector AS vector`,
  );
  expect(rows[0]).toEqual({
    big: '9007199254740993',
    small: 1,
    float: 1.5,
    exact: '2.50',
    yes: true,
    time: new Date('2026-01-02T03:04:05Z'),
    bytes: Buffer.from([0, 255]),
    json: { a: [1, null] },
    texts: ['a', 'b,"c'],
    numbers: [1, 2],
    none: null,
    vector: '[1,2,3]',
  });
});

it('takes parameters of every kind and honours row mode and type parsers', async () => {
  const values = ['ü 👋', 7, null, new Date(0), Buffer.from([1, 2]), JSON.stringify({ a: 1 }), ['x', 'y']];
  const { rows } = await pool.query({
    text: 'SELECT $1::text, $2::int, $3::text, $4::timestamptz, $5::bytea, $6::jsonb, $7::text[]',
    values,
    rowMode: 'array',
  });
  expect(rows).toEqual([['ü 👋', 7, null, new Date(0), Buffer.from([1, 2]), { a: 1 }, ['x', 'y']]]);
  const raw = await pool.query({
    text: 'SELECT 5 AS n',
    types: { getTypeParser: () => (text: string) => `raw ${text}` } as never,
  });
  expect(raw.rows[0]).toEqual({ n: 'raw 5' });
  expect(raw.fields[0]?.name).toBe('n');
});

it('runs several statements at once and reports row counts', async () => {
  const results = (await pool.query(
    "INSERT INTO item (name) VALUES ('a'), ('b'); SELECT name FROM item ORDER BY 1",
  )) as unknown as {
    rowCount: number;
    rows: unknown[];
  }[];
  expect(results.map((result) => result.rowCount)).toEqual([2, 2]);
  const changed = await pool.query("UPDATE item SET amount = 1 WHERE name = 'a'");
  expect([changed.command, changed.rowCount]).toEqual(['UPDATE', 1]);
});

it('prepares a named statement once for all clients, also after it could not be parsed', async () => {
  const text = 'SELECT count(*)::int AS n FROM later WHERE amount > $1';
  const [one, two] = await Promise.all([pool.connect(), pool.connect()]);
  const ask = (client: PoolClient) => client.query({ name: 'count_later', text, values: [0] });
  try {
    for (const client of [one, two]) await expect(ask(client)).rejects.toMatchObject({ code: '42P01' });
    await pool.query('CREATE TABLE later (amount int)');
    // At once: neither knows of the other's.
    const answers = await Promise.all([ask(one), ask(two), ask(one)]);
    expect(answers.map(({ rows }) => rows)).toEqual([[{ n: 0 }], [{ n: 0 }], [{ n: 0 }]]);
    const { rows } = await pool.query('SELECT count(*)::int AS n FROM pg_prepared_statements WHERE statement = $1', [
      text,
    ]);
    expect(rows).toEqual([{ n: 1 }]);
    // Refused values are the statement's failure, not the name's.
    await expect(two.query({ name: 'count_later', text, values: ['no number'] })).rejects.toMatchObject({
      code: '22P02',
    });
    expect((await ask(two)).rows).toEqual([{ n: 0 }]);
  } finally {
    one.release();
    two.release();
    await pool.query('DROP TABLE IF EXISTS later');
  }
});

it('takes the same statement name for different statements, from different clients', async () => {
  const [one, two] = await Promise.all([pool.connect(), pool.connect()]);
  for (let round = 0; round < 2; round += 1) {
    expect((await one.query({ name: 'same', text: 'SELECT $1::int AS n', values: [1] })).rows).toEqual([{ n: 1 }]);
    expect((await two.query({ name: 'same', text: 'SELECT $1::text AS t', values: ['x'] })).rows).toEqual([{ t: 'x' }]);
  }
  one.release();
  two.release();
});

it("carries PostgreSQL's own fields in an error and goes on", async () => {
  await pool.query("INSERT INTO item (name) VALUES ('a')");
  await expect(pool.query('INSERT INTO item (name) VALUES ($1)', ['a'])).rejects.toMatchObject({
    code: '23505',
    constraint: 'item_name_key',
    table: 'item',
    severity: 'ERROR',
  });
  await expect(pool.query('SELECT nothing FROM item')).rejects.toMatchObject({ code: '42703' });
  await expect(pool.query('SELEKT 1')).rejects.toMatchObject({ code: '42601' });
  expect(await count()).toBe(1);
});

it('keeps concurrent transactions apart: every increment counts, every rollback undoes', async () => {
  await pool.query("INSERT INTO item (name, amount) VALUES ('sum', 0)");
  const add = (index: number): Promise<void> =>
    inTransaction(async (client) => {
      const { rows } = await client.query("SELECT amount FROM item WHERE name = 'sum'");
      await client.query("UPDATE item SET amount = $1 WHERE name = 'sum'", [rows[0].amount + 1]);
      if (index % 5 === 0) throw new Error('undo');
    });
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, (_, index) => add(index)));
  expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toHaveLength(10);
  expect((await pool.query('SELECT amount FROM item')).rows).toEqual([{ amount: 40 }]);
});

it('makes statements of others wait while a transaction is open', async () => {
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query("INSERT INTO item (name) VALUES ('unseen')");
  const others = count();
  await client.query('ROLLBACK');
  client.release();
  expect(await others).toBe(0);
});

it('rolls back what a client leaves open, when released and when destroyed', async () => {
  for (const destroy of [false, true]) {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query("INSERT INTO item (name) VALUES ('left')");
    client.release(destroy);
    expect(await count()).toBe(0);
  }
});

it('ends a failed transaction with a rollback, as PostgreSQL does', async () => {
  const client = await pool.connect();
  await client.query('BEGIN');
  await expect(client.query('SELECT 1/0')).rejects.toMatchObject({ code: '22012' });
  await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
  expect((await client.query('COMMIT')).command).toBe('ROLLBACK');
  client.release();
  expect(await count()).toBe(0);
});

it('delivers notifications to those who listen, and to nobody else', async () => {
  const listener = await pool.connect();
  const bystander = await pool.connect();
  const heard: string[] = [];
  const overheard: string[] = [];
  const arrived = new Promise<void>((resolve) => {
    listener.on('notification', ({ channel, payload }) => {
      heard.push(`${channel}:${payload}`);
      if (payload === 'last') resolve();
    });
  });
  bystander.on('notification', ({ channel }) => overheard.push(channel));
  await listener.query('-- a comment first\nLISTEN jobs;\n');
  await bystander.query('LISTEN "Other"');
  await pool.query("SELECT pg_notify('jobs', 'first')");
  await inTransaction(async (client) => {
    await client.query("NOTIFY jobs, 'second'");
    expect(heard).toEqual(['jobs:first']);
  });
  await bystander.query('UNLISTEN *');
  await pool.query("SELECT pg_notify('Other', 'nobody')");
  await pool.query("SELECT pg_notify('jobs', 'last')");
  await arrived;
  expect(heard).toEqual(['jobs:first', 'jobs:second', 'jobs:last']);
  expect(overheard).toEqual([]);
  listener.release(true);
  bystander.release(true);
});

it('carries a large value both ways, byte for byte', async () => {
  const text = 'ä\u{1F600}"\\'.repeat(150_000);
  const { rows } = await pool.query('SELECT $1::text AS text', [text]);
  expect(rows[0].text === text).toBe(true);
});

it('refuses, after a bounded wait, a statement that would wait for its own transaction', async () => {
  impatient = new PglitePool(Promise.resolve(database), { limits: { waitMs: 50, idleTransactionMs: 60_000 } });
  await expect(
    (async () => {
      const client = await impatient.connect();
      await client.query('BEGIN');
      try {
        await impatient.query('SELECT 1');
      } finally {
        client.release();
      }
    })(),
  ).rejects.toMatchObject({ code: '57014' });
  expect((await impatient.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
  await impatient.end();
});

it('takes the session from a transaction that asks nothing, and tells its client', async () => {
  impatient = new PglitePool(Promise.resolve(database), { limits: { waitMs: 10_000, idleTransactionMs: 50 } });
  const stuck = await impatient.connect();
  await stuck.query('BEGIN');
  await stuck.query("INSERT INTO item (name) VALUES ('stuck')");
  expect((await impatient.query('SELECT count(*)::int AS n FROM item')).rows).toEqual([{ n: 0 }]);
  await expect(stuck.query("INSERT INTO item (name) VALUES ('late')")).rejects.toMatchObject({ code: '25P03' });
  await expect(stuck.query('COMMIT')).rejects.toMatchObject({ code: '25P03' });
  expect((await stuck.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
  stuck.release();
  expect(await count()).toBe(0);
  await impatient.end();
});

it('lets statements wait for a database that is still opening, for a bounded time', async () => {
  let open: (database: PgliteBackend) => void = () => undefined;
  const opening = new Promise<PgliteBackend>((resolve) => {
    open = resolve;
  });
  const early = new PglitePool(opening, { limits: { openingMs: 300, waitMs: 50 } });
  await expect(early.query('SELECT 1')).rejects.toMatchObject({ code: '57P03' });
  const waiting = early.query('SELECT 2 AS n');
  open(database);
  expect((await waiting).rows).toEqual([{ n: 2 }]);
  await early.end();
});

it('fails every statement with the reason when the database could not be opened', async () => {
  const closed = new PglitePool(Promise.reject(new Error('the folder is torn')));
  await expect(closed.query('SELECT 1')).rejects.toMatchObject({ code: '57P02', message: /the folder is torn/ });
  await closed.end();
});

it('keeps nothing of what it has answered', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const held = () => {
    collectGarbage();
    // Without buffers, which are freed some time after they were collected.
    return process.memoryUsage().heapUsed / 1e6;
  };
  const answer = async (times: number) => {
    for (let i = 0; i < times; i += 1) await pool.query(`SELECT repeat('x', 1000000) AS text`);
  };
  await answer(5);
  const before = held();
  await answer(100);
  expect(held() - before).toBeLessThan(20);
});
