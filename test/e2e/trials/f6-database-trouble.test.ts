// F6, and the lesser forms of F5: a database that is busy, absent or restarted. A tool answers with a typed error, in
// bounded time, and nothing is half written. That the answers come while the trouble lasts is what proves the bound.
import { expect, test } from 'vitest';
import { connectClient, ToolCallError } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import { startPostgres, startRedis } from '../../support/processes/servers.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { trialCount } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const calls = trialCount(12, 200);

test(`F6: ${calls} writes on a pool whose every connection sleeps get typed errors, and leave no half row`, async () => {
  const database = await createTestDatabase();
  const redis = await startRedis();
  const client = await connectClient({
    env: { DATABASE_URL: database.url, REDIS_URL: redis.url, POPSTASH_POOL_SIZE: '2' },
  });
  await client.call('insight', { key: 'before', content: 'Written before the trouble.' });

  const holder = await database.pool.connect();
  await holder.query('BEGIN');
  // Every statement of the front now sleeps on this lock, as long as the test likes.
  await holder.query('LOCK TABLE insights, stashes, decisions IN ACCESS EXCLUSIVE MODE');
  const failures = await Promise.all(
    Array.from({ length: calls }, (_, i) =>
      client
        .call(['insight', 'decide'][i % 2] ?? '', i % 2 ? { topic: 't', decision: `d${i}` } : { content: `c${i}` })
        .then(
          () => null,
          (error: unknown) => error,
        ),
    ),
  );
  for (const failure of failures) {
    expect(failure).toBeInstanceOf(ToolCallError);
    expect(failure).toMatchObject({ code: expect.stringMatching(/^(timeout|database_unavailable)$/), retryable: true });
  }
  expect(await client.call('ping')).toMatchObject({ status: 'pong' });
  await holder.query('ROLLBACK');
  holder.release();

  await client.call('insight', { key: 'after', content: 'Written after the trouble.' });
  const { rows } = await database.pool.query(
    `SELECT (SELECT array_agg(key ORDER BY created_at) FROM insights) AS keys, (SELECT count(*)::int FROM decisions) AS decisions,
            (SELECT count(*)::int FROM passages) AS passages, (SELECT count(*)::int FROM activities WHERE type = 'insight') AS activities`,
  );
  expect(rows[0]).toEqual({ keys: ['before', 'after'], decisions: 0, passages: 2, activities: 2 });
});

test('a database that is absent at the start, then there, then restarted: typed errors between, nothing lost', async () => {
  const postgres = await startPostgres();
  const env = { DATABASE_URL: postgres.url, REDIS_URL: '' };
  expect((await runCommand(['migrate'], { env })).code).toBe(0);
  await postgres.stop();

  const client = await connectClient({ env });
  expect((await client.mcp.listTools()).tools.length).toBeGreaterThan(0);
  await expect(client.call('insight', { content: 'too early' })).rejects.toMatchObject({
    code: 'database_unavailable',
    retryable: true,
  });
  const migrated = await runCommand(['migrate'], { env });
  expect(migrated).toMatchObject({ code: 1, stderr: expect.stringContaining('DATABASE_URL') });

  await postgres.start();
  const written = await waitUntil(
    () =>
      client.call<{ insight_id: string }>('insight', { key: 'kept', content: 'There after all.' }).catch(() => null),
    'a write to succeed',
  );
  await postgres.crash();
  await expect(client.call('recall', { query: 'kept' })).rejects.toMatchObject({ code: 'database_unavailable' });
  await postgres.start();
  const found = await waitUntil(
    () => client.call<{ results: { insight_id: string }[] }>('recall', { query: 'kept' }).catch(() => null),
    'a search to succeed',
  );
  expect(found.results[0]?.insight_id).toBe(written.insight_id);
});
