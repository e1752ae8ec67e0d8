import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { takeDataFolder } from '../../src/data-folder/lock-folder.js';
import { openPglite } from '../../src/db/pglite/pglite-backend.js';
import { createFolder } from '../support/setup/folders.js';

const script = join(import.meta.dirname, '..', '..', 'scripts', 'embedded-sql.mjs');
const dataDir = createFolder('ps-sql-');
const ask = (statement: string) =>
  promisify(execFile)(process.execPath, [script, statement], { env: { ...process.env, POPSTASH_DATA_DIR: dataDir } });

beforeAll(async () => {
  const folder = join(dataDir, 'database');
  mkdirSync(folder);
  await (await openPglite(folder)).close();
});

test('npm run sql:embedded prints the rows of a statement', async () => {
  const { stdout } = await ask("SELECT 'kept by ' || current_database() AS answer");
  expect(stdout).toContain('kept by postgres');
});

test('an error of the database is printed and ends with code 1', async () => {
  await expect(ask('SELECT nothing')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('nothing') });
});

test('a folder that a server has open is left alone', async () => {
  const owned = takeDataFolder(dataDir);
  await expect(ask('SELECT 1')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('popstash down') });
  owned?.release();
});
