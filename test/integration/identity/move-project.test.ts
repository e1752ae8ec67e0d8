// The functions that move and forget a project reach every table that has one.
import type { Pool } from 'pg';
import { beforeEach, describe, expect, test } from 'vitest';
import { rollUpChanges } from '../../../src/accountability/ledger/roll-up-changes.js';
import { moveLateRows } from '../../../src/identity/move-late-rows.js';
import { findDrift } from '../../support/ledger/ledger-sums.js';
import { createTestDatabase } from '../../support/setup/database.js';

interface Column {
  table: string;
  column: string;
  type: string;
  udt: string;
}

/** Of costs: forgetting a project keeps what was spent. */
const LEDGER = /^usage_/;
const { pool } = await createTestDatabase();

/** Tables, and their columns that name a project. */
async function listPlaces(): Promise<Column[]> {
  const { rows } = await pool.query<Column>(
    `SELECT c.table_name AS table, column_name AS column, data_type AS type, udt_name AS udt
     FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND column_name ~ '(^|_)project_id$|^boards?$'
     ORDER BY 1, 2`,
  );
  return rows;
}

/** A row of any table that names this project wherever it can, without regard to what its other columns mean. */
async function fillRow(db: Pool, table: string, project: string): Promise<void> {
  const { rows } = await db.query<Column & { optional: boolean; label: string | null }>(
    `SELECT table_name AS table, column_name AS column, data_type AS type, udt_name AS udt,
       is_nullable = 'YES' OR column_default IS NOT NULL OR is_identity = 'YES' AS optional,
       (SELECT enumlabel FROM pg_enum e JOIN pg_type y ON y.oid = e.enumtypid WHERE y.typname = udt_name ORDER BY enumsortorder LIMIT 1) AS label
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1`,
    [table],
  );
  const makeValue = ({ column, type, udt, label }: (typeof rows)[number]): string => {
    if (/(^|_)project_id$|^board$/.test(column)) return `'${project}'`;
    if (column === 'boards') return `ARRAY['${project}']`;
    if (udt === 'lock_request') return `jsonb_populate_record(NULL::lock_request, '{"project_id": "${project}"}')`;
    if (label !== null) return `'${label}'`;
    if (type === 'ARRAY') return "'{}'";
    if (type === 'jsonb') return "'{}'";
    if (type === 'bytea') return "'\\x00'";
    if (type === 'boolean') return 'false';
    if (type.startsWith('timestamp')) return "'2026-01-01'";
    return type === 'text' ? `'${table} ${project}'` : '1';
  };
  const isNamed = ({ column }: Column) => /(^|_)project_id$|^boards?$/.test(column);
  const given = rows.filter((row) => isNamed(row) || !row.optional);
  await db.query(
    `INSERT INTO ${table} (${given.map(({ column }) => column).join(', ')}) VALUES (${given.map(makeValue).join(', ')})`,
  );
}

async function countRows(place: Column, project: string): Promise<number> {
  const test = place.type === 'ARRAY' ? `$1 = ANY(${place.column})` : `${place.column} = $1`;
  const { rows } = await pool.query<{ n: number }>(`SELECT count(*)::integer AS n FROM ${place.table} WHERE ${test}`, [
    project,
  ]);
  return rows[0]?.n ?? 0;
}

/** Each table with a row of this project. Foreign keys and triggers are off: the rows mean nothing. */
async function fillAll(project: string): Promise<Column[]> {
  const places = await listPlaces();
  const client = await pool.connect();
  try {
    await client.query("SET session_replication_role = 'replica'");
    for (const table of new Set(places.map((place) => place.table)))
      await fillRow(client as unknown as Pool, table, project);
  } finally {
    await client.query("SET session_replication_role = 'origin'");
    client.release();
  }
  return places;
}

beforeEach(async () => {
  for (const table of new Set((await listPlaces()).map((place) => place.table)))
    await pool.query(`TRUNCATE ${table} CASCADE`);
  await pool.query('TRUNCATE projects CASCADE');
  await pool.query(
    "INSERT INTO projects (id, root, settled_at) VALUES ('from', '/from', now()), ('into', '/into', now())",
  );
});

const move = () => pool.query("SELECT move_project('from', 'into')");

describe('move_project', () => {
  test('leaves no table with a row of the former project, also where both have one', async () => {
    const places = await fillAll('from');
    await fillAll('into');
    expect(places.length).toBeGreaterThan(20);
    await move();
    const left: string[] = [];
    for (const place of places) if ((await countRows(place, 'from')) > 0) left.push(`${place.table}.${place.column}`);
    expect(left).toEqual([]);
  });

  test('makes versions of one memory of two that have one name, and the newest answers', async () => {
    const stash = (id: string, project: string, name: string, version: number, at: string, by: string | null = null) =>
      pool.query(
        `INSERT INTO stashes (id, project_id, name, version, summary, created_at, superseded_by) VALUES ($1, $2, $3, $4, $1, $5, $6)`,
        [id, project, name, version, at, by],
      );
    await stash('a1', 'from', 'Auth', 1, '2026-01-01', 'a2');
    await stash('a2', 'from', 'Auth', 2, '2026-01-03');
    await stash('b1', 'into', 'auth', 1, '2026-01-02', 'b2');
    await stash('b2', 'into', 'auth', 2, '2026-01-04');
    await stash('c1', 'from', 'other', 1, '2026-01-01');
    await move();
    const { rows } = await pool.query(
      "SELECT id, version, superseded_by AS by FROM stashes WHERE project_id = 'into' ORDER BY id",
    );
    expect(rows).toEqual([
      { id: 'a1', version: 1, by: 'a2' },
      { id: 'a2', version: 3, by: 'b2' },
      { id: 'b1', version: 2, by: 'b2' },
      { id: 'b2', version: 4, by: null },
      { id: 'c1', version: 1, by: null },
    ]);
  });

  test('keeps the sums of the ledger, before and after they are rolled up', async () => {
    const entry = (client: string, project: string, cwd: string) =>
      pool.query(
        `INSERT INTO usage_entries (client, keys, occurred_at, witnesses, grade, project_id, cwd_project_id, input_tokens, cost_usd)
         VALUES ($1, ARRAY[$1 || random()], '2026-01-01T10:20:00Z', '{transcript}', 'transcript', $2, $3, 10, 0.5)`,
        [client, project, cwd],
      );
    for (const project of ['from', 'into']) await entry('claude', project, project);
    await entry('codex', 'into', 'from');
    await rollUpChanges(pool);
    for (const project of ['from', 'into']) await entry('claude', project, project);
    await move();
    expect(await findDrift(pool)).toEqual([]);
    await rollUpChanges(pool);
    expect(await findDrift(pool)).toEqual([]);
    const { rows } = await pool.query(
      "SELECT requests::integer FROM usage_totals WHERE project_id = 'into' AND dimension = 'all' AND period = 'ever'",
    );
    expect(rows).toEqual([{ requests: 5 }]);
  });

  test('ends the younger of two locks on one path', async () => {
    await pool.query("INSERT INTO agents (id, project_id, name) VALUES ('agent', 'from', 'Maple')");
    for (const [id, project, at] of [
      ['old', 'from', '2026-01-01'],
      ['new', 'into', '2026-01-02'],
    ]) {
      await pool.query(
        `INSERT INTO locks (id, project_id, worktree, agent_id, pattern, key, literal_prefix, is_glob, mode, token, life_seconds, acquired_at, expires_at)
         VALUES ($1, $2, '/from', 'agent', 'a.ts', 'a.ts', 'a.ts', false, 'exclusive', 1, 60, $3, now() + interval '1 hour')`,
        [id, project, at],
      );
    }
    await move();
    const { rows } = await pool.query('SELECT id, project_id, end_reason FROM locks ORDER BY id');
    expect(rows).toEqual([
      { id: 'new', project_id: 'into', end_reason: 'forced' },
      { id: 'old', project_id: 'into', end_reason: null },
    ]);
  });

  test('leads on from a project that was moved before, and what is written late follows', async () => {
    await pool.query("INSERT INTO projects (id, root) VALUES ('first', '/first')");
    await pool.query("SELECT move_project('first', 'from')");
    await move();
    await pool.query("INSERT INTO insights (id, project_id, version, content) VALUES ('late', 'first', 1, 'late')");
    await moveLateRows(pool);
    const { rows } = await pool.query('SELECT project_id FROM insights');
    expect(rows).toEqual([{ project_id: 'into' }]);
    await expect(pool.query("SELECT move_project('into', 'first')")).rejects.toThrow(/can not be moved/);
  });
});

test('forget_project leaves no table but those of the ledger with a row of the project', async () => {
  const places = await fillAll('from');
  await fillAll('into');
  await pool.query("UPDATE agents SET status = 'active'");
  const forget = () => pool.query<{ deleted: number | null }>("SELECT forget_project('from') AS deleted");
  expect((await forget()).rows).toEqual([{ deleted: null }]);
  await pool.query("UPDATE agents SET status = 'disconnected'");
  expect((await forget()).rows).toEqual([{ deleted: 3 }]);
  const left = new Set<string>();
  for (const place of places) {
    if ((await countRows(place, 'from')) > 0) left.add(place.table);
    expect(await countRows(place, 'into')).toBe(1);
  }
  expect([...left].filter((table) => !LEDGER.test(table))).toEqual([]);
  expect([...left].filter((table) => LEDGER.test(table)).length).toBeGreaterThan(0);
});
