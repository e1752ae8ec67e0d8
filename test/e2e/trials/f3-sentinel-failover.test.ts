import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { checkServer } from '../../../src/app/storage/check-server.js';
import { parseConfig } from '../../../src/parse-config.js';
import { countHollow, countPending } from '../../support/memory/pending-passages.js';
import { connectClient } from '../../support/processes/client.js';
import { startWorker } from '../../support/processes/processes.js';
import { MASTER_NAME, PASSWORDS, startSentinels } from '../../support/processes/sentinels.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { createFolder } from '../../support/setup/folders.js';
import { isFullTrial } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';

/** A tool call that waited for the queue would take longer than this, in ms, on a busy machine too. */
const MAX_CALL_MS = 2_000;
const logger = pino({ level: 'silent' });

/** What doctor says of the queue: state and detail by check. */
async function readDoctor(databaseUrl: string, redisUrl: string): Promise<Record<string, string>> {
  const env = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, POPSTASH_DATA_DIR: createFolder() };
  const found: Record<string, string> = {};
  for await (const { name, state, detail } of checkServer(parseConfig(env), logger))
    found[name] = `${state}: ${detail}`;
  return found;
}

// A stopped master keeps its sockets: a consumer leaves it only after MAX_SILENCE_MS.
describe.each(isFullTrial ? ['killed', 'stopped'] : ['killed'])('F3: the master of Sentinels is %s', (trouble) => {
  it('writes succeed at once meanwhile, and jobs go on at the promoted replica', async () => {
    const [database, group] = await Promise.all([createTestDatabase(), startSentinels()]);
    const env = { DATABASE_URL: database.url, REDIS_URL: group.url };
    const [client, worker] = await Promise.all([connectClient({ env }), startWorker('embedding', env)]);
    const times: number[] = [];
    const write = async (said: string) => {
      const start = performance.now();
      await client.call('insight', { content: `Fact ${times.length}: the ${said} gateway retries twice` });
      times.push(performance.now() - start);
    };
    const untilEmbedded = () => waitUntil(async () => (await countPending(database.pool)) === 0, 'all vectors');
    await write('early');
    await untilEmbedded();
    const sound = await readDoctor(database.url, group.url);
    expect(sound).toMatchObject({
      redis: expect.stringMatching(/^ok: answers/),
      'worker embedding': expect.stringMatching(/^ok/),
    });
    const unknown = await readDoctor(database.url, group.url.replace(MASTER_NAME, 'another'));
    expect(unknown.redis).toMatch(/^broken: does not answer: .*No such master/);

    const before = await group.masterPort();
    const start = performance.now();
    if (trouble === 'killed') group.killMasterHost();
    else group.pauseMaster();
    const untilPromoted = waitUntil(async () => (await group.masterPort()) !== before, 'the replica to be promoted');
    let promoted = 0;
    void untilPromoted.then(() => {
      promoted = performance.now() - start;
    });
    while (promoted === 0) await write('lonely');
    await waitUntil(async () => (await client.call<{ degraded: string[] }>('ping')).degraded.length === 0, 'health');
    const healthy = performance.now() - start;
    // By then a consumer asks the new master for jobs.
    await waitUntil(
      async () => (await readDoctor(database.url, group.url))['worker embedding']?.startsWith('ok'),
      'a worker at the new master',
    );
    const working = performance.now() - start;
    await write('last');
    await untilEmbedded();
    expect(await countHollow(database.pool)).toBe(0);
    expect(Math.max(...times)).toBeLessThan(MAX_CALL_MS);
    const logs = client.stderr() + worker.stderr();
    expect(logs).not.toMatch(/unhandled/i);
    for (const password of Object.values(PASSWORDS)) expect(logs).not.toContain(password);
    times.sort((a, b) => a - b);
    process.stderr.write(
      `F3 Sentinel, master ${trouble}: promoted after ${Math.round(promoted)} ms, producer back after ${Math.round(healthy)} ms, ` +
        `consumer after ${Math.round(working)} ms; ${times.length} writes p50 ${times[times.length >> 1]?.toFixed(1)} ms, ` +
        `slowest ${times.at(-1)?.toFixed(1)} ms\n`,
    );
    expect(await worker.stop()).toBe(0);
  });
});
