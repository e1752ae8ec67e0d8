// Faults in the files of an embedded store: each is told before anything is overwritten, and mended on a person's word.

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { backUpDatabase } from '../../src/app/storage/back-up-database.js';
import { backUpDaily, listBackups } from '../../src/app/storage/daily-backups.js';
import { mendStore } from '../../src/app/storage/mend-store.js';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../src/app/storage/open-embedded-database.js';
import { createCloser } from '../../src/async/closer.js';
import { createLogger } from '../../src/logger.js';
import { findPackage } from '../../src/package-root.js';
import { NO_TELEMETRY } from '../../src/telemetry/no-telemetry.js';
import { connectClient } from '../support/processes/client.js';
import { runCommand } from '../support/processes/processes.js';
import { createDataFolder, createFolder } from '../support/setup/folders.js';

const packageRoot = findPackage().root;
const logger = createLogger('silent', 'test');
/** A store that was closed, one that was killed, and where the tables of both are. */
let closed: string;
let killed: string;
let insights: string;

async function open(dataDir: string): Promise<EmbeddedDatabase & { close(): Promise<void> }> {
  const closer = createCloser(logger);
  try {
    return {
      ...(await openEmbeddedDatabase({ dataDir, packageRoot }, logger, closer, NO_TELEMETRY)),
      close: closer.close,
    };
  } catch (error) {
    await closer.close();
    throw error;
  }
}

/** A memory of some size, so that its table has several pages. */
const WRITE = `INSERT INTO insights (id, project_id, version, content)
  SELECT $1 || g, 'p', 1, repeat(md5(g::text), 20) FROM generate_series(1, 100) g`;

beforeAll(async () => {
  closed = createFolder();
  killed = createFolder();
  const store = await open(closed);
  await store.pool.query(`INSERT INTO projects (id, root) VALUES ('p', '/p')`);
  await store.pool.query(WRITE, ['first']);
  insights = (await store.pool.query(`SELECT pg_relation_filepath('insights') AS path`)).rows[0].path;
  await store.close();
  const again = await open(closed);
  await again.pool.query(WRITE, ['second']);
  // The position of the log is recorded every two seconds.
  const record = join(closed, 'database', 'popstash-log-position');
  const { rows } = await again.pool.query('SELECT pg_current_wal_flush_lsn()::text AS position');
  while (readFileSync(record, 'utf8') !== rows[0].position) await new Promise((resolve) => setTimeout(resolve, 50));
  cpSync(closed, killed, { recursive: true });
  await again.close();
});

/** Contents and sizes of all that stands in a folder. */
function listAll(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const { size, mtimeMs } = statSync(join(entry.parentPath, entry.name));
      return `${join(entry.parentPath, entry.name)} ${size} ${mtimeMs}`;
    })
    .sort();
}

/** A copy of a store, damaged. */
function damage(from: string, change: (database: string) => void): string {
  const dataDir = createFolder();
  cpSync(from, dataDir, { recursive: true, preserveTimestamps: true });
  change(join(dataDir, 'database'));
  return dataDir;
}

function eachSegment(database: string, change: (path: string) => void): void {
  const names = readdirSync(join(database, 'pg_wal')).filter((name) => /^[0-9A-F]{24}$/.test(name));
  for (const name of names) change(join(database, 'pg_wal', name));
}

/** Everything that a log has after its first pages is gone, though the files are as large as before. */
function zeroEnds(database: string): void {
  eachSegment(database, (path) => writeFileSync(path, readFileSync(path).fill(0, 16_384)));
}

const FAULTS: readonly [name: string, store: 'closed' | 'killed', what: string, change: (database: string) => void][] =
  [
    ['PG_VERSION is missing', 'closed', 'PG_VERSION is missing', (d) => rmSync(join(d, 'PG_VERSION'))],
    [
      'pg_control is zeroed',
      'closed',
      'global/pg_control',
      (d) => writeFileSync(join(d, 'global', 'pg_control'), Buffer.alloc(8192)),
    ],
    ['pg_control is cut', 'killed', 'global/pg_control', (d) => truncateSync(join(d, 'global', 'pg_control'), 100)],
    ['pg_control is missing', 'killed', 'global/pg_control', (d) => rmSync(join(d, 'global', 'pg_control'))],
    ['the log is cut', 'killed', 'pg_wal/', (d) => eachSegment(d, (path) => truncateSync(path, 300_000))],
    ['the log is gone', 'closed', 'pg_wal holds no log', (d) => eachSegment(d, (path) => rmSync(path))],
    ['the log is empty where it was written', 'killed', 'pg_wal ends before', zeroEnds],
    ['a table is cut in half', 'closed', 'has 8192 of', (d) => truncateSync(join(d, insights), 8192)],
    ['a table is missing', 'closed', 'base/5/', (d) => rmSync(join(d, insights))],
    [
      'all files but one are gone',
      'closed',
      'is missing',
      (d) => {
        rmSync(d, { recursive: true });
        mkdirSync(d);
        writeFileSync(join(d, 'postgresql.conf'), '');
      },
    ],
    ['the folder is gone', 'closed', 'is missing or empty', (d) => rmSync(d, { recursive: true })],
  ];

test.each(FAULTS)('%s (%s): it is told, and nothing is changed', async (_name, store, what, change) => {
  const dataDir = damage(store === 'closed' ? closed : killed, change);
  const before = listAll(dataDir);
  await expect(open(dataDir)).rejects.toMatchObject({
    code: 'database_unavailable',
    retryable: false,
    message: expect.stringContaining(what),
    fix: expect.stringContaining('popstash doctor --fix'),
  });
  expect(listAll(dataDir)).toEqual(before);
});

test('a table that is missing after a kill is told, and told again', async () => {
  const dataDir = damage(killed, (database) => rmSync(join(database, insights)));
  for (let round = 0; round < 2; round += 1) {
    await expect(open(dataDir)).rejects.toMatchObject({ message: expect.stringContaining('insights') });
  }
});

test('a store that is whole opens after a kill and after a close, and has all that was acknowledged', async () => {
  for (const from of [closed, killed]) {
    const store = await open(damage(from, () => undefined));
    expect((await store.pool.query('SELECT count(*)::int AS count FROM insights')).rows).toEqual([{ count: 200 }]);
    await store.close();
  }
});

test('the newest backup that opens takes the place of a damaged store, which is kept', async () => {
  const dataDir = damage(closed, () => undefined);
  const store = await open(dataDir);
  const backUp = (folder: string) => backUpDatabase(store, { dataDir, version: '0' }, folder);
  const days = [0, 30, 60].map((hours) => new Date(Date.now() + hours * 3_600_000));
  const made: (string | null)[] = [];
  for (const day of days) made.push(await backUpDaily({ dataDir, backUp, logger }, day));
  expect(made).not.toContain(null);
  await store.pool.query(WRITE, ['after']);
  await store.close();
  // The newest one is broken.
  rmSync(join((await listBackups(dataDir))[0]?.folder ?? '', 'database', 'global', 'pg_control'));
  rmSync(join(dataDir, 'database', 'PG_VERSION'));

  const mended = await mendStore({ dataDir, packageRoot }, logger, new Date());
  expect(mended).toMatchObject({ damage: 'PG_VERSION is missing', backup: { memories: 200 } });
  expect(mended?.lastWritten).toBeInstanceOf(Date);
  expect(existsSync(join(mended?.aside ?? '', 'global', 'pg_control'))).toBe(true);
  // Sound now: nothing is done again.
  expect(await mendStore({ dataDir, packageRoot }, logger, new Date())).toBeNull();
});

test('a backup is made once a day; those of a week are kept, as far as they have room', async () => {
  const dataDir = createFolder();
  mkdirSync(join(dataDir, 'database'));
  writeFileSync(join(dataDir, 'database', 'file'), 'x'.repeat(100));
  const backUp = async (folder: string): Promise<{ bytes: number }> => {
    mkdirSync(folder, { recursive: true });
    const made_at = now.toISOString();
    const manifest = {
      format: 'popstash-backup',
      format_version: 1,
      made_at,
      popstash: '0',
      migrations: [],
      bytes: 100,
    };
    writeFileSync(join(folder, 'backup.json'), JSON.stringify(manifest));
    return { bytes: 100 };
  };
  let now = new Date(0);
  for (let hour = 0; hour < 24 * 12; hour += 6) {
    now = new Date(Date.UTC(2026, 0, 1, hour));
    await backUpDaily({ dataDir, backUp, logger }, now);
  }
  const kept = (await listBackups(dataDir)).map(({ manifest }) => manifest.made_at.slice(0, 10));
  expect(kept).toEqual([12, 11, '10', '09', '08', '07', '06'].map((day) => `2026-01-${day}`));
  // One that was not finished goes too.
  mkdirSync(join(dataDir, 'backups', 'daily-half'));
  now = new Date(Date.UTC(2026, 0, 14));
  await backUpDaily({ dataDir, backUp, logger }, now, 250);
  expect(readdirSync(join(dataDir, 'backups'))).toHaveLength(2);
  now = new Date(Date.UTC(2026, 0, 16));
  expect(await backUpDaily({ dataDir, backUp, logger }, now, 99), 'the store alone is too large').toBeNull();
});

test('the store of a newer PopStash is refused with a sentence', async () => {
  const dataDir = damage(closed, () => undefined);
  const store = await open(dataDir);
  await store.pool.query(`INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
    VALUES ('later', '', '20990101000000_later', now())`);
  await store.close();
  await expect(open(dataDir)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('newer PopStash: it has the migration 20990101000000_later'),
    fix: expect.stringContaining('Update this PopStash'),
  });
});

test('an agent is told, doctor --fix mends, and the agent goes on', async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir };
  cpSync(closed, dataDir, { recursive: true });
  rmSync(join(dataDir, 'database', 'PG_VERSION'));
  const client = await connectClient({ env });
  await expect(client.call('insight', { content: 'x' })).rejects.toMatchObject({
    code: 'database_unavailable',
    message: expect.stringContaining('damaged: PG_VERSION is missing'),
  });
  const { stdout } = await runCommand(['doctor', '--fix', '--json'], { env });
  const { fixed, checks } = JSON.parse(stdout);
  expect(fixed.join('\n')).toContain('Lost is all that was stored');
  expect(checks.find(({ name }: { name: string }) => name === 'store')).toMatchObject({ state: 'ok' });
  expect(await client.call('insight', { content: 'goes on' })).toMatchObject({ version: 1 });
});
