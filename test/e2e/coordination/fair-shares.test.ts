// What one agent can make of the others' calls and answers: by many calls at once, by many locks, by many announcements.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Acquired } from '../../support/locks/team.js';
import { connectClient, type TestClient, type ToolCallError } from '../../support/processes/client.js';
import { createDataFolder } from '../../support/setup/folders.js';

const FLOOD = 200;
const LOCKS = 600;
/** Of one call. */
const MAX_PATTERNS = 100;

describe('fair shares of an embedded server', () => {
  let busy: TestClient;
  let other: TestClient;

  beforeAll(async () => {
    const env = { POPSTASH_DATA_DIR: createDataFolder() };
    busy = await connectClient({ env, clientName: 'busy' });
    other = await connectClient({ env, clientName: 'other' });
    for (const client of [busy, other]) await client.call('ping');
  });

  test("a client's many calls at once hold up no other's, and each has its answer", async () => {
    let answered = 0;
    const flood = Array.from({ length: FLOOD }, async (_, n) => {
      await busy.call('recall', { query: `what is known of part ${n}` });
      answered += 1;
    });
    for (let n = 0; n < 3; n += 1) {
      await other.call('ping');
      await other.call('acquire', { patterns: [`src/mine-${n}.ts`] });
    }
    expect(answered).toBeLessThan(FLOOD / 2);
    await Promise.all(flood);
    expect(answered).toBe(FLOOD);
  });

  test('of many conflicts an answer lists twenty and counts the rest', async () => {
    for (let from = 0; from < LOCKS; from += MAX_PATTERNS) {
      const patterns = Array.from({ length: MAX_PATTERNS }, (_, n) => `many/file-${from + n}.ts`);
      await busy.call('acquire', { patterns });
    }
    const refused = await other.call<Acquired & { more_conflicts: number }>('acquire', { patterns: ['many/**'] });
    expect(refused.conflicts).toHaveLength(20);
    expect(refused.more_conflicts).toBe(LOCKS - 20);
    expect(JSON.stringify(refused).length).toBeLessThan(10_000);
    const started = await other.call<{ locks: { conflicts: unknown[]; more_conflicts: number } }>('start_task', {
      ...{ task: 'Move all of them', files: ['many/**'] },
    });
    expect(started.locks.conflicts).toHaveLength(20);
    expect(started.locks.more_conflicts).toBe(LOCKS - 20);
    expect(JSON.stringify(started).length).toBeLessThan(10_000);
  });

  test('an agent makes ten announcements a minute', async () => {
    for (let n = 0; n < 10; n += 1) await busy.call('announce', { message: `Message ${n}` });
    const refused = await busy.call('announce', { message: 'One more' }).catch((error: ToolCallError) => error);
    expect(refused).toMatchObject({ code: 'conflict', retryable: true });
    await other.call('announce', { message: 'Another agent may' });
  });
});
