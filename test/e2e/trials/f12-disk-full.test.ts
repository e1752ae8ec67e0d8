// F12: the disk under the store is full, then has space again. Typed errors meanwhile that name the disk, nothing
// acknowledged lost, and all goes on by itself, in both modes.
import { describe, expect, type TestContext, test } from 'vitest';
import { connectClient, type TestClient, ToolCallError } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import { type startPostgres as Start, startPostgres } from '../../support/processes/servers.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { mountSmallDisk, type SmallDisk } from '../../support/setup/small-disk.js';
import { trialCount } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const rounds = trialCount(1, 8);
const TYPED = /^(database_unavailable|not_ready|timeout)$/;
/** The longest that a call may take with no answer, in ms: a server that has just been started gets 30 s to come. */
const MAX_SILENCE_MS = 45_000;

describe('F12: the disk is full, and is freed', () => {
  test('embedded', async (context) => {
    const disk = requireDisk(context, 220);
    await fillAndFree(disk, { POPSTASH_DATA_DIR: createDataFolder(disk.folder) }, async () => undefined);
  });

  test('server mode', async (context) => {
    const disk = requireDisk(context, 420);
    const postgres = await startPostgres({ under: disk.folder });
    const env = { DATABASE_URL: postgres.url };
    expect((await runCommand(['migrate'], { env })).code).toBe(0);
    await fillAndFree(disk, env, () => restartEnded(postgres));
  });
});

function requireDisk(context: TestContext, megabytes: number): SmallDisk {
  const disk = mountSmallDisk(megabytes);
  return disk ?? context.skip('F12 mounts a file system in memory, which needs root and the right to mount');
}

/** A PostgreSQL that can't write its log ends by itself; whoever operates it starts it when there is space. */
async function restartEnded(postgres: Awaited<ReturnType<typeof Start>>): Promise<void> {
  if (!postgres.isRunning()) await postgres.start();
}

async function fillAndFree(disk: SmallDisk, env: Record<string, string>, repair: () => Promise<void>): Promise<void> {
  const client = await connectClient({ env });
  const writer = await connectClient({ env });
  const acknowledged: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (let index = 0; index < 5; index += 1) await save(client, acknowledged);
    disk.fill();
    const refused: unknown[] = [];
    const attempts = [client, writer].map((one) => saveUntilRefused(one, acknowledged, refused));
    await Promise.all(attempts);
    for (const error of refused) {
      expect(error).toBeInstanceOf(ToolCallError);
      expect((error as ToolCallError).code).toMatch(TYPED);
      expect((error as ToolCallError).retryable).toBe(true);
    }
    expect(refused.some((error) => /disk|space/i.test(String(error)))).toBe(true);
    disk.free();
    await repair();
    await waitUntil(() => save(writer, acknowledged).catch(() => null), 'writes to go on', { timeoutMs: 120_000 });
  }
  const { stdout } = await runCommand(['export'], { env });
  const missing = acknowledged.filter((content) => !stdout.includes(content));
  expect(missing).toEqual([]);
  const locked = await client.call<{ acquired: unknown[] }>('acquire', { patterns: ['src/after.ts'] });
  expect(locked.acquired).toHaveLength(1);
}

let count = 0;

/** @returns true; rejects with the tool's error */
async function save(client: TestClient, acknowledged: string[]): Promise<true> {
  count += 1;
  const content = `note ${count} ends`;
  await client.call('insight', { content: `${content} ${'about the disk and what is on it '.repeat(200)}` });
  acknowledged.push(content);
  return true;
}

async function saveUntilRefused(client: TestClient, acknowledged: string[], refused: unknown[]): Promise<void> {
  for (let errors = 0; errors < 3; ) {
    const asked = performance.now();
    await save(client, acknowledged).catch((error: unknown) => {
      errors += 1;
      refused.push(error);
    });
    expect(performance.now() - asked).toBeLessThan(MAX_SILENCE_MS);
  }
}
