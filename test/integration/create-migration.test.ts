// The recipe for a migration, in a scratch copy of prisma/.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { findPackage } from '../../src/package-root.js';

const { root } = findPackage();
const scratch = await mkdtemp(join(tmpdir(), 'popstash-migration-'));
await cp(join(root, 'prisma'), join(scratch, 'prisma'), { recursive: true });

afterAll(() => rm(scratch, { recursive: true, force: true }));

const run = async (...args: string[]) =>
  (
    await promisify(execFile)(process.execPath, [join(root, 'scripts', 'create-migration.mjs'), ...args], {
      cwd: scratch,
    })
  ).stdout;
const functionFile = (name: string) => join(scratch, 'prisma', 'functions', `${name}.sql`);

async function readLast(): Promise<string> {
  const folders = (await readdir(join(scratch, 'prisma', 'migrations'))).filter((name) => /^\d/.test(name)).sort();
  return await readFile(join(scratch, 'prisma', 'migrations', folders.at(-1) ?? '', 'migration.sql'), 'utf8');
}

test('a new migration holds what changed in prisma/functions, and what has another signature is dropped first', async () => {
  const length = await readFile(functionFile('popstash_length'), 'utf8');
  await writeFile(functionFile('popstash_length'), length.replace(', 0)::integer', ', 1)::integer'));
  const lock = await readFile(functionFile('lock_project'), 'utf8');
  await writeFile(functionFile('lock_project'), lock.replaceAll('p_project', 'p_id'));
  await rm(functionFile('hold_liveness_lock'));
  await writeFile(
    functionFile('count_things'),
    'CREATE OR REPLACE FUNCTION count_things() RETURNS bigint\nLANGUAGE sql AS $$ SELECT count(*) FROM things $$;\n',
  );
  await expect(run('things')).rejects.toThrow(/count_things\.sql: .*"things" does not exist/);
  await rm(functionFile('count_things'));

  expect(await run('things')).toContain('4 statements');
  const sql = await readLast();
  expect(sql).toContain('DROP FUNCTION hold_liveness_lock(p_agent text);\nDROP FUNCTION lock_project(p_project text);');
  expect(sql.match(/^CREATE OR REPLACE FUNCTION \w+/gm)).toEqual([
    'CREATE OR REPLACE FUNCTION lock_project',
    'CREATE OR REPLACE FUNCTION popstash_length',
  ]);
}, 60_000);
