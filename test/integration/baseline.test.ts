// A database of the last development version becomes what a new one is, and keeps its rows.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpSchema } from '../../scripts/migrations/dump-schema.mjs';
import { migrateEmbedded } from '../../src/app/storage/migrate-embedded.js';
import { wordNotice } from '../../src/coordination/notices/word-notices.js';
import { migrate } from '../../src/db/migrate.js';
import { openPglite, type PgliteBackend } from '../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../src/db/pglite/pglite-pool.js';
import { findPackage } from '../../src/package-root.js';
import { createTestDatabase } from '../support/setup/database.js';

const { root } = findPackage();
/** The six migrations of the development version, as they were. */
const OLD = join(root, 'test', 'fixtures', 'migrations-0.1.0-dev');
const INIT = '20261126000000_init';
/** Those who wait for a lock queue again: a position lives for seconds. */
const EMPTIED = ['lock_waiters'];

const fresh = await createTestDatabase();
const server = await createTestDatabase({ template: false });
const folder = await mkdtemp(join(tmpdir(), 'popstash-baseline-'));
let backends: PgliteBackend[];
let embedded: Pool;
let freshEmbedded: Pool;

beforeAll(async () => {
  backends = [];
  for (const name of ['old', 'fresh']) backends.push(await openPglite(join(folder, name), { fsync: 'off' }));
  const [old, made] = backends.map((backend) => new PglitePool(Promise.resolve(backend)));
  embedded = old as PglitePool;
  freshEmbedded = made as PglitePool;
});

afterAll(async () => {
  for (const pool of [embedded, freshEmbedded]) await pool.end();
  for (const backend of backends) await backend.close();
  await rm(folder, { recursive: true, force: true });
});

type Row = Record<string, unknown>;
type Rows = Record<string, Row[]>;

/** Tables with other columns, and what becomes of a row. What notices and activities say is checked apart. */
const CHANGED: Record<string, (row: Row) => Row> = {
  agents: ({ proves_life, proof_lost_at, ...row }) => ({
    ...row,
    has_liveness_lock: proves_life,
    suspected_at: proof_lost_at,
  }),
  locks: ({ base, ...row }) => ({ ...row, literal_prefix: base }),
  notices: ({ message: _message, data: _data, ...row }) => row,
  activities: ({ description: _description, metadata: _metadata, ...row }) => row,
};

const byId = (a: Row, b: Row): number => Number(a.id) - Number(b.id);
const byText = (a: Row, b: Row): number => JSON.stringify(sorted(a)).localeCompare(JSON.stringify(sorted(b)));

function sorted(row: Row): Row {
  return pick(row, Object.keys(row).sort());
}

function pick(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((name) => [name, row[name]]));
}

/** Every row of every table but the history of migrations. */
async function readRows(pool: Pool): Promise<Rows> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> '_prisma_migrations' ORDER BY 1`,
  );
  const read = tables.map(async ({ name }) => {
    const { rows } = await pool.query(`SELECT to_jsonb(t) AS row FROM ${name} t ORDER BY to_jsonb(t)::text`);
    return [name, rows.map(({ row }) => row)] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

const dump = (pool: Pool) => dumpSchema(async (sql) => (await pool.query(sql)).rows);

describe.each(['server', 'embedded'])('a database of the last development version, %s', (mode) => {
  let pool: Pool;
  let before: Rows;
  let after: Rows;

  beforeAll(async () => {
    pool = mode === 'server' ? server.pool : embedded;
    if (mode === 'server') await migrate(pool, OLD);
    else await migrateEmbedded(pool, OLD);
    await pool.query(await readFile(join(OLD, 'rows.sql'), 'utf8'));
    before = await readRows(pool);
    expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([]);
    const report = mode === 'server' ? await migrate(pool, root) : await migrateEmbedded(pool, root);
    expect(report.applied[0]).toBe(INIT);
    after = await readRows(pool);
  }, 60_000);

  test('becomes what a new database is', async () => {
    if (mode === 'embedded') await migrateEmbedded(freshEmbedded, root);
    expect(await dump(pool)).toBe(await dump(mode === 'server' ? fresh.pool : freshEmbedded));
  });

  test('keeps its rows', () => {
    for (const [table, rows] of Object.entries(before)) {
      const kept = EMPTIED.includes(table) ? [] : rows.map(CHANGED[table] ?? ((row) => row));
      // Later migrations may add columns.
      const found = after[table]?.map((row) => pick(row, Object.keys(kept[0] ?? {})));
      expect(found?.sort(byText), table).toEqual(kept.sort(byText));
    }
  });

  test('keeps what notices and activities say, as facts', () => {
    const facts = after.notices?.sort(byId).map((notice) => [notice.kind, notice.facts]);
    expect(facts).toMatchObject([
      ['announcement', { message: 'I rename lib/', announcement_id: 'ann_1', name: 'bob' }],
      ['lock_lost', { reason: 'expired', locks: [{ pattern: 'src/c.ts' }] }],
      ['lock_lost', { reason: 'forced', note: 'gone home (me)', locks: [{ pattern: 'src/e.ts' }] }],
      ['lock_lost', { reason: 'forced', locks: [{ pattern: 'src/e.ts' }] }],
      ['lock_expiring', { silent_seconds: 720, locks: [{ pattern: 'docs/**' }, { pattern: 'src/a.ts' }] }],
      ['shell_write', { files: ['src/a.ts'], command: 'sed -i s/a/b/ src/a.ts', by: 'agent_b', by_name: 'bob' }],
    ]);
    const messages = after.notices?.map((notice) => wordNotice({ ...notice, createdAt: new Date() } as never).message);
    // Worded otherwise since: a word that the glossary has replaced, agents by their names without their ids, and words of
    // others in quotes.
    const told = before.notices
      ?.sort(byId)
      .map(({ message }) =>
        String(message)
          .replace('settle with', 'agree with')
          .replace('bob (agent_b)', 'bob')
          .replace('gone home (me)', '"$&"')
          .replace('sed -i s/a/b/ src/a.ts', '"$&"'),
      );
    expect(messages).toEqual(told);
    expect(after.activities?.sort(byId).map(({ subject }) => subject)).toEqual([
      'ann',
      'bob',
      'Rework auth',
      'done',
      'half done',
      'src/a.ts, docs/**',
      'src/b.ts',
      'src/c.ts',
      'src/e.ts',
      'I rename lib/',
      'auth',
      'db',
      'db',
      'Use Redis',
      'gone',
      'db',
      'old: name',
      'src/a.ts',
      'it is urgent',
    ]);
    expect(after.activities?.find(({ type }) => type === 'forget')).toMatchObject({ metadata: { kind: 'stash' } });
    expect(after.activities?.find(({ type }) => type === 'stash')).toMatchObject({ metadata: { version: 1 } });
  });

  test('has the history of a new one, and is migrated no second time', async () => {
    const { rows } = await pool.query('SELECT migration_name, logs FROM _prisma_migrations ORDER BY 1');
    expect(rows.map(({ migration_name: name }) => name)).toContain(INIT);
    expect(rows.find(({ migration_name: name }) => name === INIT).logs).toContain('20261125220000_quicken_locks');
    expect(rows.map(({ migration_name: name }) => name)).not.toContain('20261125220000_quicken_locks');
    expect((await migrate(pool, root)).applied).toEqual([]);
  });
});

test('a database with only some of those migrations is refused, and left as it is', async () => {
  const partial = await createTestDatabase({ template: false });
  await migrate(partial.pool, OLD);
  await partial.pool.query(`DELETE FROM _prisma_migrations WHERE migration_name LIKE '%quicken_locks'`);
  await expect(migrate(partial.pool, root)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('development version'),
  });
  const { rows } = await partial.pool.query('SELECT count(*)::int AS n FROM _prisma_migrations');
  expect(rows).toEqual([{ n: 5 }]);
});
