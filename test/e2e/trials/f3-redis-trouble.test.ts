import { describe, expect, it } from 'vitest';
import { countHollow, countPending } from '../../support/memory/pending-passages.js';
import { connectClient } from '../../support/processes/client.js';
import { startWorker } from '../../support/processes/processes.js';
import { startRedis } from '../../support/processes/servers.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { trialCount } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const writes = trialCount(20, 300);

describe.each(['absent at the start', 'killed', 'stopped'])('F3: Redis %s', (trouble) => {
  it(`${writes} writes succeed, say what is degraded, and are embedded after its return`, async () => {
    const database = await createTestDatabase();
    const redis = await startRedis({ started: trouble !== 'absent at the start' });
    const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
    const client = await connectClient({ env });
    const worker = await startWorker('embedding', env);
    let count = 0;
    const times: number[] = [];
    const write = async (said: string) => {
      count += 1;
      const start = performance.now();
      await client.call('insight', { content: `Fact ${count}: the ${said} gateway retries twice` });
      times.push(performance.now() - start);
    };
    for (let i = 0; i < 5; i++) await write('early');
    await waitUntil(async () => (await countPending(database.pool)) === 0, 'the early vectors');

    if (trouble === 'killed') await redis.kill();
    if (trouble === 'stopped') redis.pause();
    times.length = 0;
    for (let i = 0; i < writes; i++) await write('lonely');
    const ping = await waitUntil(async () => {
      const answer = await client.call<{ degraded: string[] }>('ping');
      return answer.degraded.includes('jobs') && answer;
    }, 'the answer to say so');
    expect(ping.degraded).toContain('jobs');
    // Without any queue, a worker finds what was written.
    await waitUntil(async () => (await countPending(database.pool)) === 0, 'the vectors meanwhile');

    for (let i = 0; i < writes; i++) await write('last');
    if (trouble === 'stopped') redis.resume();
    else await redis.start();
    const back = performance.now();
    await waitUntil(async () => (await countPending(database.pool)) === 0, 'all vectors');
    const took = performance.now() - back;
    await waitUntil(async () => (await client.call<{ degraded: string[] }>('ping')).degraded.length === 0, 'health');
    await write('healed');
    await waitUntil(async () => (await countPending(database.pool)) === 0, 'the vector of the last');
    expect(await countHollow(database.pool)).toBe(0);
    expect(client.stderr()).not.toMatch(/unhandled/i);
    times.sort((a, b) => a - b);
    process.stderr.write(
      `F3 ${trouble}: writes p50 ${times[times.length >> 1]!.toFixed(1)} ms, slowest ${times.at(-1)!.toFixed(1)} ms; ` +
        `all embedded ${Math.round(took)} ms after the return\n`,
    );
    expect(await worker.stop()).toBe(0);
  });
});
