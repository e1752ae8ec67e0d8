// Whatever is wrong with a set-up: one line that says so, one that says what to do, an exit code, and no process left behind.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stop, transformSync } from 'esbuild';
import { satisfies } from 'semver';
import { afterAll, describe, expect, test } from 'vitest';
import { expectPlainWords, listLeftProcesses } from '../../support/processes/broken-set-up.js';
import { SET_UPS } from '../../support/processes/list-broken-set-ups.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { createFolder, MAIN } from '../../support/setup/folders.js';
import { mountSmallDisk } from '../../support/setup/small-disk.js';

describe('one line what is wrong, one line what to do', () => {
  test.concurrent.each(Object.entries(SET_UPS))('%s', (_name, setUp) => expectPlainWords(setUp), 60_000);
});

test('a misspelt guard is told to the client too', async () => {
  const initialize = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'client', version: '0' } };
  await expectPlainWords({
    args: ['mcp'],
    env: { POPSTASH_GUARD: 'typo' },
    code: 0,
    input: `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize })}\n`,
    says: /"error":\{"code":-32000,"message":"PopStash's local server can't be reached: POPSTASH_GUARD is not usable/,
    isAnswer: true,
  });
});

describe('a database', () => {
  test('that is half migrated, or whose role may not read it', async () => {
    const { url, name, pool } = await createTestDatabase();
    await pool.query(`CREATE ROLE ${name} LOGIN`);
    const own = new URL(url);
    own.username = name;
    await expectPlainWords({ args: ['status'], env: { DATABASE_URL: own.href }, says: /^popstash: .*\n {2}.+/ });
    await pool.query(
      'UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)',
    );
    await expectPlainWords({ args: ['status'], env: { DATABASE_URL: url }, says: /did not finish[\s\S]*\n {2}.+/ });
    await pool.query(`DROP OWNED BY ${name} CASCADE; DROP ROLE ${name}`);
  });
});

describe('a disk', () => {
  test.for(['full', 'too small'])('that is %s', async (how, context) => {
    const disk =
      mountSmallDisk(4) ?? context.skip('a file system in memory is mounted, which needs root and the right to mount');
    if (how === 'full') disk.fill();
    const env = { POPSTASH_DATA_DIR: join(disk.folder, 'data') };
    await expectPlainWords({ args: ['up'], env, says: /space|disk/i });
  });
});

describe('what any Node may be asked to run', () => {
  test.each(['main.js', 'hook.cjs'])('%s has no syntax that an old one does not know', (name) => {
    const text = readFileSync(join(MAIN, '..', name), 'utf8');
    const write = (target: string) =>
      transformSync(text, { target, minify: true, supported: { 'dynamic-import': true } }).code;
    expect(write('node12')).toBe(write('esnext'));
  });

  test('the oldest that it takes are those of package.json', () => {
    const { engines } = JSON.parse(readFileSync(join(MAIN, '..', '..', 'package.json'), 'utf8'));
    for (const version of ['20.19.0', '22.12.0', '23.0.0', '26.1.0'])
      expect(satisfies(version, engines.node)).toBe(true);
    for (const version of ['18.20.0', '20.18.9', '21.9.0', '22.11.0'])
      expect(satisfies(version, engines.node)).toBe(false);
  });
});

test('a reader that goes away is no error', async () => {
  const pipe = (command: string) => `${JSON.stringify(process.execPath)} ${JSON.stringify(MAIN)} ${command}`;
  const script = ['--help 2>&1 | true', '--help | head -1', 'doctor --help 2>&1 | head -1', 'version | true']
    .map((command) => `${pipe(command)}`)
    .join('; ');
  const { runToEnd } = await import('../../support/processes/run-to-end.js');
  const { childEnvironment } = await import('../../support/setup/environment.js');
  const { stderr, code } = await runToEnd('/bin/sh', ['-c', script], {
    cwd: createFolder(),
    env: childEnvironment(),
    input: '',
    timeoutMs: 30_000,
  });
  expect([code, stderr]).toEqual([0, '']);
});

afterAll(async () => {
  // The compiler of the syntax test runs on in a process of its own.
  await stop();
  expect(listLeftProcesses()).toEqual([]);
});
