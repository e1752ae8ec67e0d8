// A model that takes two seconds a text: nobody waits for it. Every write is acknowledged and found by its words while
// nearly all vectors are still to come; that they are still to come is what proves that no call waited.
import { expect, test } from 'vitest';
import { adminReply } from '../../src/mcp/admin/admin-protocol.js';
import { connectClient } from '../support/processes/client.js';
import { startWorker } from '../support/processes/processes.js';
import { startRedis } from '../support/processes/servers.js';
import { createTestDatabase } from '../support/setup/database.js';
import { createDataFolder } from '../support/setup/folders.js';
import { trialCount } from '../support/setup/trial.js';

const writes = trialCount(120, 1_000);

test.each(['server', 'embedded'])('%s mode: writes and words do not wait for a slow model', async (mode) => {
  const slow = { POPSTASH_MODEL_DELAY_MS: '2000' };
  const env =
    mode === 'server' ? { ...slow, ...(await startServices()) } : { ...slow, POPSTASH_DATA_DIR: createDataFolder() };
  if (mode === 'server') await startWorker('embedding', env);
  const client = await connectClient({ env });
  const ids: string[] = [];
  for (let i = 0; i < writes; i++) {
    const content = `Service number ${i} is owned by the ${word(i)} crew.`;
    ids.push((await client.call<{ insight_id: string }>('insight', { content })).insight_id);
  }
  for (let i = 0; i < writes; i += Math.ceil(writes / 40)) {
    const found = await client.call<{ results: { insight_id: string }[]; degraded?: string[] }>('recall', {
      query: word(i),
    });
    expect(found.results[0]?.insight_id, word(i)).toBe(ids[i]);
    expect(found.degraded, 'a query has no vector in time either').toEqual(['embedding']);
  }
  const { pending } = await status(client);
  expect(pending).toBeGreaterThan(writes / 2);
});

/** A word of its own for each number, no part of another. */
function word(i: number): string {
  return `qu${String.fromCharCode(97 + (i % 26), 97 + (Math.floor(i / 26) % 26), 97 + Math.floor(i / 676))}zor`;
}

async function startServices(): Promise<Record<string, string>> {
  const [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
  return { DATABASE_URL: database.url, REDIS_URL: redis.url };
}

async function status(client: Awaited<ReturnType<typeof connectClient>>): Promise<{ pending: number }> {
  const answer = await client.mcp.request({ method: 'popstash/status' }, adminReply);
  return answer.status as { pending: number };
}
