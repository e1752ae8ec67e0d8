// popstash backup and restore-backup of an embedded store while agents work on it.
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectClient } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';

test('a backup that is made while an agent writes has all that was acknowledged before; restoring it brings that back', async () => {
  const dataDir = createDataFolder();
  const at = { env: { POPSTASH_DATA_DIR: dataDir }, cwd: createFolder() };
  const client = await connectClient({ ...at, clientName: 'Ada' });
  const save = async (n: number) => {
    await client.call('insight', { key: `fact ${n}`, content: `Fact number ${n}` });
    return n;
  };
  for (let n = 0; n < 20; n += 1) await save(n);
  const backup = join(createFolder(), 'backup');
  let last = 20;
  let isDone = false;
  const writing = (async () => {
    while (!isDone) last = (await save(last)) + 1;
  })();
  const { code, stdout, stderr } = await runCommand(['backup', backup], at);
  isDone = true;
  await writing;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Backed up \d+\.\d MB to /);
  expect(statSync(backup).mode & 0o777).toBe(0o700);

  const count = async () =>
    JSON.parse((await runCommand(['list', '--limit', '1000', '--json'], at)).stdout).memories.length;
  expect(await count()).toBe(last);
  const restored = await runCommand(['restore-backup', backup, '--json'], at);
  expect(restored.stderr).toBe('');
  const { memories, former } = JSON.parse(restored.stdout);
  expect(memories).toBeGreaterThanOrEqual(20);
  expect(memories).toBeLessThanOrEqual(last);
  expect(await count()).toBe(memories);
  // The agent that was connected all the time goes on.
  await client.call('insight', { key: 'after', content: 'Written after the restore' });
  const { results } = await client.call<{ results: { key: string }[] }>('recall', { query: 'Fact number 7' });
  expect(results[0]?.key).toBe('fact 7');
  expect(await count()).toBe(memories + 1);
  expect(existsSync(join(former, 'PG_VERSION'))).toBe(true);
  await client.close();
});

test('what is no backup, half of one, or there already is refused, and the store stays as it is', async () => {
  const dataDir = createDataFolder();
  const at = { env: { POPSTASH_DATA_DIR: dataDir }, cwd: createFolder() };
  const client = await connectClient(at);
  await client.call('insight', { content: 'Still here' });
  const backup = join(createFolder(), 'backup');
  expect((await runCommand(['backup', backup], at)).code).toBe(0);
  expect(await runCommand(['backup', backup], at)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is there already'),
  });
  expect(await runCommand(['backup', join(dataDir, 'database', 'b')], at)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('contain itself'),
  });
  expect(await runCommand(['restore-backup', createFolder()], at)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is no backup'),
  });
  rmSync(join(backup, 'database', 'global', 'pg_control'));
  writeFileSync(join(backup, 'database', 'PG_VERSION'), '9\n');
  const broken = await runCommand(['restore-backup', backup], at);
  expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining('does not open') });
  expect(readdirSync(dataDir).filter((name) => name.startsWith('database.'))).toEqual([]);
  const { memories } = JSON.parse((await runCommand(['list', '--json'], at)).stdout);
  expect(memories).toHaveLength(1);
  await client.close();
});

test('in server mode the tools of PostgreSQL are named', async () => {
  const at = { env: { DATABASE_URL: 'postgres://127.0.0.1:1/none' } };
  expect(await runCommand(['backup', 'x'], at)).toMatchObject({ code: 1, stderr: expect.stringContaining('pg_dump') });
  expect(await runCommand(['restore-backup', 'x'], at)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('pg_restore'),
  });
});
