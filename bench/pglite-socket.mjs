// @ts-check
// npm install --prefix FOLDER @electric-sql/pglite-socket@0.2.17 @electric-sql/pglite@0.5.14 pg@8.23.1
// node bench/pglite-socket.mjs FOLDER: whether @electric-sql/pglite-socket could take the place of src/db/pglite, the
// ground of docs/decisions/embedded-database.md. The same checks and statements over both, each with PGlite in a thread
// of its own and `pg` as the client. Needs `npm run build`; takes about a minute.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import pg from 'pg';
import { interleave, median, percentile, report } from './support/report.mjs';

const installed = resolve(process.argv[2] ?? '');
const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'pglite-socket-'));
const ROUNDS = 1_000;
const HANG_MS = 8_000;
// Unlogged: ours syncs every commit to the disk, PGlite by itself does not.
const TABLE = 'DROP TABLE IF EXISTS item; CREATE UNLOGGED TABLE item (id serial PRIMARY KEY, name text, amount int)';

/** @typedef {import('pg').Pool} Pool */

const ours = await openOurs();
const theirs = await openTheirs();
try {
  await measure();
  for (const [name, check] of Object.entries(checks())) {
    for (const [side, pool] of Object.entries({ ours, socket: theirs.pool })) {
      await pool.query(TABLE);
      console.log(`${name}  ${side}: ${await orFailure(check(pool))}`);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
// What hangs is part of the finding: it does not end by itself.
process.exit(0);

/** @returns {Record<string, (pool: Pool) => Promise<string>>} */
function checks() {
  return {
    'values of concurrent statements': async (pool) => {
      const ask = async (/** @type {number} */ n) => {
        const text = n % 2 === 0 ? 'SELECT $1::int AS v' : 'SELECT $1::int + 1000000 AS v';
        const { rows } = await pool.query(text, [n]);
        return rows[0]?.v === (n % 2 === 0 ? n : n + 1_000_000);
      };
      const right = await Promise.allSettled(Array.from({ length: 400 }, (_, n) => ask(n)));
      return count(right.map((each) => each.status === 'fulfilled' && each.value));
    },
    'increments in concurrent transactions': async (pool) => {
      await pool.query("INSERT INTO item (name, amount) VALUES ('sum', 0)");
      const add = async (/** @type {number} */ index) => {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          const { rows } = await client.query("SELECT amount FROM item WHERE name = 'sum'");
          await client.query("UPDATE item SET amount = $1 WHERE name = 'sum'", [rows[0].amount + 1]);
          await client.query(index % 5 === 0 ? 'ROLLBACK' : 'COMMIT');
        } finally {
          client.release();
        }
      };
      const done = await Promise.allSettled(Array.from({ length: 50 }, (_, index) => add(index)));
      const failed = done.filter(({ status }) => status === 'rejected').length;
      const { rows } = await pool.query('SELECT amount FROM item');
      return `${rows[0]?.amount} of 40 kept, ${failed} failed`;
    },
    'one name for two prepared statements': async (pool) => {
      const [one, two] = [await pool.connect(), await pool.connect()];
      const a = await one.query({ name: 'same', text: 'SELECT $1::int AS n', values: [1] });
      const b = await two.query({ name: 'same', text: 'SELECT $1::text AS t', values: ['x'] });
      one.release();
      two.release();
      return JSON.stringify([a.rows[0], b.rows[0]]);
    },
    'notifications: listener, bystander, after a foreign UNLISTEN': async (pool) => {
      const [listener, bystander] = [await pool.connect(), await pool.connect()];
      const heard = [0, 0];
      listener.on('notification', () => heard.splice(0, 1, (heard[0] ?? 0) + 1));
      bystander.on('notification', () => heard.splice(1, 1, (heard[1] ?? 0) + 1));
      await listener.query('LISTEN jobs');
      await pool.query("SELECT pg_notify('jobs', '')");
      await new Promise((done) => setTimeout(done, 200));
      const before = [...heard];
      await bystander.query('LISTEN jobs');
      await bystander.query('UNLISTEN jobs');
      await pool.query("SELECT pg_notify('jobs', '')");
      await new Promise((done) => setTimeout(done, 200));
      listener.release(true);
      bystander.release(true);
      return `heard ${before[0]}, ${before[1]}, then ${heard[0]} of 1, 0, then 2`;
    },
    'a SET of another client is seen': async (pool) => {
      const [one, two] = [await pool.connect(), await pool.connect()];
      await one.query("SET statement_timeout = '7s'");
      const { rows } = await two.query('SHOW statement_timeout');
      await one.query('RESET statement_timeout');
      one.release();
      two.release();
      return rows[0].statement_timeout === '7s' ? 'yes' : 'no';
    },
    'a statement behind a transaction that stands idle': async (pool) => {
      const client = await pool.connect();
      client.on('error', () => undefined);
      await client.query('BEGIN');
      try {
        return String((await pool.query("SELECT 'is answered' AS v")).rows[0]?.v);
      } finally {
        await Promise.race([client.query('ROLLBACK').catch(() => undefined), new Promise((r) => setTimeout(r, 500))]);
        client.release();
      }
    },
  };
}

async function measure() {
  /** @type {Record<string, Pool>} */
  const pools = { ours, socket: theirs.pool };
  for (const pool of Object.values(pools)) await pool.query(TABLE);
  const sides = (/** @type {(pool: Pool, n: number) => Promise<unknown>} */ ask) => {
    let n = 0;
    return Object.fromEntries(Object.entries(pools).map(([name, pool]) => [name, () => ask(pool, ++n)]));
  };
  const statements = {
    'SELECT by key, named': sides((pool, n) =>
      pool.query({ name: 'by_key', text: 'SELECT name FROM item WHERE id = $1', values: [n % 100] }),
    ),
    'INSERT, unnamed': sides((pool, n) =>
      pool.query('INSERT INTO item (name, amount) VALUES ($1, $2)', [`name ${n}`, n]),
    ),
  };
  for (const [name, side] of Object.entries(statements)) {
    const times = await interleave(side, ROUNDS);
    for (const which of Object.keys(pools)) {
      const warm = (times[which] ?? []).slice(100);
      report(`${name}: ${which} p50, ms`, median(warm), '-');
      report(`${name}: ${which} p99, ms`, percentile(warm, 0.99), '-');
    }
  }
}

async function openOurs() {
  const outfile = join(root, 'node_modules', '.cache', 'pglite-socket-ours.mjs');
  mkdirSync(join(outfile, '..'), { recursive: true });
  const contents = `export { openPgliteThread } from './src/db/pglite/open-pglite-thread.ts';
    export { PglitePool } from './src/db/pglite/pglite-pool.ts';`;
  const stdin = { contents, resolveDir: root, loader: /** @type {const} */ ('ts') };
  await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', packages: 'external' });
  const { openPgliteThread, PglitePool } = await import(pathToFileURL(outfile).href);
  const folder = join(scratch, 'ours');
  return new PglitePool(openPgliteThread(folder));
}

async function openTheirs() {
  const path = join(scratch, '.s.PGSQL.5432');
  const code = `
    const { createRequire } = require('node:module');
    const { pathToFileURL } = require('node:url');
    const { workerData, parentPort } = require('node:worker_threads');
    const load = (name) => import(pathToFileURL(createRequire(workerData.installed + '/').resolve(name)).href);
    (async () => {
      const { PGlite } = await load('@electric-sql/pglite');
      const { PGLiteSocketServer } = await load('@electric-sql/pglite-socket');
      const startParams = [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'];
      const db = await PGlite.create({ dataDir: workerData.folder, startParams });
      await new PGLiteSocketServer({ db, path: workerData.path, maxConnections: 64 }).start();
      parentPort.postMessage('listening');
    })();`;
  const worker = new Worker(code, { eval: true, workerData: { installed, path, folder: join(scratch, 'theirs') } });
  await new Promise((done, fail) => worker.once('message', done).once('error', fail));
  const pool = new pg.Pool({ host: scratch, user: 'postgres', database: 'postgres', max: 32 });
  pool.on('error', () => undefined);
  return { pool, worker };
}

/** @param {Promise<string>} work */
async function orFailure(work) {
  const hang = new Promise((done) => setTimeout(() => done(`nothing within ${HANG_MS / 1000} s`), HANG_MS).unref());
  return await Promise.race([work.catch((error) => `failed: ${error.message}`), hang]);
}

/** @param {boolean[]} right */
function count(right) {
  return `${right.filter(Boolean).length} of ${right.length} right`;
}
