// F5: PostgreSQL is restarted in immediate mode (as after a kill) under load. Typed errors meanwhile, nothing
// acknowledged lost, and an agent that lives through it keeps its task and its locks.

import pg from 'pg';
import { expect, test } from 'vitest';
import { agentIdOf, readAgent } from '../../support/processes/agents.js';
import { connectClient, type TestClient, ToolCallError } from '../../support/processes/client.js';
import { runCommand, startWorker } from '../../support/processes/processes.js';
import { startPostgres, startRedis } from '../../support/processes/servers.js';
import { trialCount } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const restarts = trialCount(2, 50);
const ACCEPTED = /^(database_unavailable|timeout)$/;

test(`F5: PostgreSQL crashes and comes back ${restarts} times under load`, async () => {
  const [postgres, redis] = [await startPostgres(), await startRedis()];
  const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url };
  expect((await runCommand(['migrate'], { env })).code).toBe(0);
  await startWorker('lock-expiry', env);
  const clients = [
    await connectClient({ env, clientName: 'keeper' }),
    await connectClient({ env, clientName: 'other' }),
  ];
  const [keeper, other] = clients as [TestClient, TestClient];
  const keeperId = await agentIdOf(keeper);
  await keeper.call('start_task', { task: 'Keep it all along', files: ['src/kept.ts'] });

  const acknowledged: string[] = [];
  const refused: unknown[] = [];
  let writing = true;
  const writers = clients.map(async (client, writer) => {
    for (let index = 0; writing; index += 1) {
      const content = `note ${writer}-${index}`;
      await client.call('insight', { content }).then(
        () => acknowledged.push(content),
        (error: unknown) => refused.push(error),
      );
    }
  });
  const delays: number[] = [];
  for (let restart = 0; restart < restarts; restart += 1) {
    const before = acknowledged.length;
    await waitUntil(() => acknowledged.length > before + 5, 'writes');
    await postgres.crash();
    const failures = refused.length;
    await waitUntil(() => refused.length > failures + 1, 'the trouble to be felt');
    await postgres.start();
    const started = performance.now();
    const back = acknowledged.length;
    await waitUntil(() => acknowledged.length > back, 'writes to go on', { intervalMs: 5 });
    delays.push(performance.now() - started);
    // Asked at once, when the keeper's own connections may still be on their way back.
    const wanted = await waitUntil(
      () => other.call<{ conflicts: unknown[] }>('acquire', { patterns: ['src/kept.ts'] }).catch(() => null),
      'an answer about the lock',
    );
    expect(wanted.conflicts).toMatchObject([{ held_by: keeperId }]);
  }
  writing = false;
  await Promise.all(writers);
  for (const error of refused) {
    expect(error).toBeInstanceOf(ToolCallError);
    expect(error).toMatchObject({ code: expect.stringMatching(ACCEPTED), retryable: true });
  }
  const pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
  const { rows } = await pool.query<{ content: string }>('SELECT content FROM insights');
  const stored = new Set(rows.map(({ content }) => content));
  expect(acknowledged.filter((content) => !stored.has(content))).toEqual([]);
  expect(await readAgent(pool, keeperId)).toMatchObject({ status: 'active', liveLocks: 1, reasons: [] });
  await pool.end();
  expect(await keeper.call('end_task', { summary: 'Kept' })).toMatchObject({ locks_released: ['src/kept.ts'] });
  delays.sort((a, b) => a - b);
  process.stderr.write(
    `F5 ${restarts} restarts: serving ${Math.round(delays[delays.length >> 1] ?? 0)} ms (median), ` +
      `${Math.round(delays.at(-1) ?? 0)} ms (slowest) after PostgreSQL was ready\n`,
  );
});
