// Prisma Client over the pools of both modes: the same rows, and transactions of others beside it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../../src/db/migrate.js';
import { openPglite } from '../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../src/db/pglite/pglite-pool.js';
import { findPackage } from '../../src/package-root.js';
import { openReports } from '../../src/reports/open-reports.js';
import type { ListFilter, Reports } from '../../src/reports/report-types.js';
import { writeMemory } from '../support/memory/write-memories.js';
import { createTestDatabase } from '../support/setup/database.js';

const ALL: ListFilter = { kind: null, since: null, author: null, limit: 10 };

interface OpenPool {
  pool: Pool;
  close(): Promise<void>;
}

async function openServer(): Promise<OpenPool> {
  return { pool: (await createTestDatabase()).pool, close: () => Promise.resolve() };
}

async function openEmbedded(): Promise<OpenPool> {
  const folder = await mkdtemp(join(tmpdir(), 'ps-reports-'));
  const database = await openPglite(join(folder, 'db'));
  const pool = new PglitePool(Promise.resolve(database));
  await migrate(pool, findPackage().root);
  return {
    pool,
    async close() {
      await pool.end();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
}

describe.each([
  ['server', openServer],
  ['embedded', openEmbedded],
] as const)('reports in %s mode', (_mode, open) => {
  let opened: OpenPool;
  let reports: Reports;
  const ids: string[] = [];

  beforeAll(async () => {
    opened = await open();
    reports = openReports(opened.pool);
    const { pool } = opened;
    const written = [
      { kind: 'stash', name: 'half done', text: 'The parser\n  is next.' },
      { kind: 'insight', text: 'ü'.repeat(400) },
      { kind: 'decision', name: 'storage', text: 'One pool for all' },
      { kind: 'stash', name: 'expired', text: 'gone', expiresAt: '2020-01-01T00:00:00Z' },
      { kind: 'insight', name: 'forgotten', text: 'gone' },
      { kind: 'insight', name: 'superseded', text: 'gone' },
      { kind: 'insight', text: "another project's", project: 'other' },
    ] as const;
    for (const memory of written) ids.push(await writeMemory(pool, memory));
    await pool.query("INSERT INTO agents (id, project_id, name) VALUES ('agent_1', 'project', 'Ada')");
    await pool.query("UPDATE decisions SET created_by = 'agent_1' WHERE id = $1", [ids[2]]);
    await pool.query('UPDATE insights SET forgotten_at = now() WHERE id = $1', [ids[4]]);
    await pool.query('UPDATE insights SET superseded_by = $2 WHERE id = $1', [ids[5], ids[1]]);
  });

  afterAll(async () => {
    await reports.close();
    await opened.close();
  });

  test('live memories of the project come newest first, with their authors and the beginning of their text', async () => {
    const { memories, now } = await reports.listMemories('project', { ...ALL, limit: 10 });
    expect(memories).toMatchObject([
      {
        kind: 'decision',
        id: ids[2],
        name: 'storage',
        excerpt: 'One pool for all',
        author: { id: 'agent_1', name: 'Ada' },
      },
      { kind: 'insight', id: ids[1], name: null, excerpt: `${'ü'.repeat(300)}…`, author: null },
      { kind: 'stash', id: ids[0], name: 'half done', excerpt: 'The parser is next.', author: null },
    ]);
    for (const { createdAt } of memories) expect(createdAt.getTime()).toBeLessThanOrEqual(now.getTime());
  });

  test('of one kind, and no more than asked for', async () => {
    const list = async (filter: Parameters<Reports['listMemories']>[1]) =>
      (await reports.listMemories('project', filter)).memories.map(({ id }) => id);
    expect(await list({ ...ALL, kind: 'stash', limit: 10 })).toEqual([ids[0]]);
    expect(await list({ ...ALL, limit: 2 })).toEqual([ids[2], ids[1]]);
  });

  test('of one author by name in any case or by id, and from a moment on', async () => {
    const list = async (filter: Partial<ListFilter>) =>
      (await reports.listMemories('project', { ...ALL, ...filter })).memories.map(({ id }) => id);
    expect(await list({ author: 'aDA' })).toEqual([ids[2]]);
    expect(await list({ author: 'agent_1' })).toEqual([ids[2]]);
    await opened.pool.query("UPDATE agents SET client = 'claude-code' WHERE id = 'agent_1'");
    expect(await list({ author: 'Claude-Code' })).toEqual([ids[2]]);
    expect(await list({ author: 'Ada' })).toEqual([]);
    await opened.pool.query("UPDATE agents SET client = NULL WHERE id = 'agent_1'");
    expect(await list({ author: 'A%' })).toEqual([]);
    await opened.pool.query("UPDATE insights SET created_at = now() - interval '3 days' WHERE id = $1", [ids[1]]);
    expect(await list({ since: { text: '2d', timezone: 'Europe/Berlin' } })).toEqual([ids[2], ids[0]]);
    await opened.pool.query(
      'UPDATE insights SET created_at = (SELECT created_at FROM decisions WHERE id = $2) WHERE id = $1',
      [ids[1], ids[2]],
    );
  });

  test("they see nothing of a transaction that is open, and don't disturb it", async () => {
    const client = await opened.pool.connect();
    await client.query('BEGIN');
    await client.query("UPDATE insights SET content = 'unseen' WHERE id = $1", [ids[1]]);
    const listing = reports.listMemories('project', { ...ALL, kind: 'insight', limit: 1 });
    await client.query('ROLLBACK');
    client.release();
    expect((await listing).memories[0]?.excerpt).toMatch(/^ü/);
  });
});
