import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { findPackage } from '../../src/package-root.js';
import { createTestDatabase } from '../support/setup/database.js';

const database = await createTestDatabase();
const { root } = findPackage();

/** Runs the Prisma CLI as a developer does. @throws with its output when it exits other than 0 */
async function prisma(...args: string[]): Promise<string> {
  const cli = join(root, 'node_modules', 'prisma', 'build', 'index.js');
  const env = { ...process.env, DATABASE_URL: database.url, NO_COLOR: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...args], { cwd: root, env });
  return stdout;
}

const schema = ['--to-schema', 'prisma/schema.prisma', '--script', '--exit-code'];

describe('prisma sees no drift', () => {
  test('between a migrated database and schema.prisma', async () => {
    expect(await prisma('migrate', 'diff', '--from-config-datasource', ...schema)).toMatch(/empty migration/);
  });

  test('between the migrations, applied by its own engine, and schema.prisma', async () => {
    expect(await prisma('migrate', 'diff', '--from-migrations', 'prisma/migrations', ...schema)).toMatch(
      /empty migration/,
    );
  });

  test('and accepts the history that our runner wrote', async () => {
    expect(await prisma('migrate', 'status')).toMatch(/Database schema is up to date/);
    expect(await prisma('migrate', 'deploy')).toMatch(/No pending migrations/);
  });

  test('and would see one', async () => {
    await database.pool.query('ALTER TABLE insights ADD COLUMN stray text');
    const diff = prisma('migrate', 'diff', '--from-config-datasource', ...schema);
    await expect(diff).rejects.toMatchObject({ code: 2, stdout: expect.stringMatching(/DROP COLUMN "stray"/) });
    await database.pool.query('ALTER TABLE insights DROP COLUMN stray');
  });
});
