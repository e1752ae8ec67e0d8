// Commands that look again and again, on a terminal and off it.

import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectClient } from '../../support/processes/client.js';
import { runCommand, spawnCommand } from '../../support/processes/processes.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';
import { waitUntil } from '../../support/setup/wait-until.js';

test('status --watch tells a lock as it is taken, over one connection, and ends with code 0', async () => {
  const env = { POPSTASH_DATA_DIR: createDataFolder() };
  const client = await connectClient({ env });
  const watch = spawnCommand(['status', '--watch', '--json'], { env });
  const lines = () =>
    watch
      .stdout()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  await waitUntil(() => lines().length > 0 || null, 'a first look');
  await client.call('acquire', { patterns: ['src/watched.ts'] });
  await waitUntil(() => lines().some(({ locks }) => locks?.[0]?.pattern === 'src/watched.ts') || null, 'the lock');
  expect(lines()[0]).toMatchObject({ running: true, cost_today: { requests: 0 } });
  expect(await watch.stop()).toBe(0);
  await client.close();
});

test('logs shows the last lines by level, follows, and survives that the log is emptied', async () => {
  const dataDir = createFolder();
  const env = { POPSTASH_DATA_DIR: dataDir, POPSTASH_TIMEZONE: 'UTC' };
  expect((await runCommand(['logs'], { env })).stdout).toBe(`There is no log yet: ${join(dataDir, 'server.log')}\n`);
  mkdirSync(dataDir, { recursive: true });
  const log = join(dataDir, 'server.log');
  const line = (level: number, msg: string) => `${JSON.stringify({ level, time: 0, name: 'server', msg })}\n`;
  writeFileSync(log, [line(30, 'one'), line(40, 'two'), line(30, 'three')].join(''));
  const shown = async (...args: string[]) => (await runCommand(['logs', ...args], { env })).stdout;
  expect(await shown('-n', '2')).toBe(
    '1970-01-01 00:00:00  warn   server: two\n1970-01-01 00:00:00  info   server: three\n',
  );
  expect(await shown('--level', 'warn', '--json')).toBe(line(40, 'two'));
  const follow = spawnCommand(['logs', '--follow', '-n', '0', '--json'], { env });
  const until = (text: string) => waitUntil(() => follow.stdout().includes(text) || null, text);
  // Until it follows, nothing of it is shown: so the line is written until it is.
  const append = (text: string) => {
    const write = () => {
      appendFileSync(log, line(30, text));
      return follow.stdout().includes(text) || null;
    };
    return waitUntil(write, text);
  };
  await append('four');
  writeFileSync(log, line(30, 'begun again'));
  await until('begun again');
  expect(await follow.stop()).toBe(0);
});
