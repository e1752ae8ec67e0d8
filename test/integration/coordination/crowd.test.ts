// Many agents of one process wait for one path: what they send while nothing happens, who is granted when, and what others
// who ask meanwhile are answered.
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../../src/actor/actor.js';
import { type LockServices, openLockServices } from '../../support/locks/lock-services.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const CROWD = 60;

const databases = await openBothDatabases();

describe.each(DATABASE_MODES)('a crowd before one path, %s', (mode) => {
  const sent: string[] = [];
  const pool = countStatements(databases[mode], sent);
  let services: LockServices;
  let holder: Actor;
  let agents: Actor[];
  const order: number[] = [];
  const waits: Promise<unknown>[] = [];

  beforeAll(async () => {
    services = await openLockServices(pool, { projectId: `crowd_${mode}` });
    holder = await services.connect('holder');
    agents = [];
    for (let n = 0; n < CROWD; n += 1) agents.push(await services.connect(`agent-${n}`));
    await services.acquire(holder, ['crowded.ts']);
    for (const [n, agent] of agents.entries()) {
      waits.push(
        services.acquire(agent, ['crowded.ts'], { waitSeconds: 300 }).then(async ({ granted }) => {
          if (granted.length > 0) order.push(n);
          await services.locks.release(agent, services.place('crowded.ts'));
        }),
      );
      await waitUntil(async () => (await countQueued(pool)) === n + 1, `${n + 1} in the queue`);
    }
  });
  afterAll(() => services.close());

  test('while nothing happens, the process sends one statement a round, however many wait', async () => {
    sent.length = 0;
    await waitUntil(() => Promise.resolve(sent.length >= 6), 'six rounds');
    expect(new Set(sent)).toEqual(new Set(['lock_keep_queue']));
    expect(await countQueued(pool)).toBe(CROWD);
  });

  test('each one waits for the one before it, and the first for the holder', async () => {
    const { waiters } = await services.locks.list(holder.projectId);
    const awaited = [holder, ...agents].map(({ agentId }) => agentId);
    expect(waiters.map(({ waitsFor }) => waitsFor)).toEqual(agents.map((_, n) => [awaited[n]]));
  });

  test('who asks without waiting is told of twenty, and how many there are', async () => {
    const { conflicts, conflictCount } = await services.acquire(await services.connect('late'), ['crowded.ts']);
    expect(conflicts).toHaveLength(20);
    expect(conflicts[0]).toMatchObject({ agentId: holder.agentId, queued: false });
    expect(conflictCount).toBe(CROWD + 1);
  });

  test('another path is granted at once, and the crowd one after the other, in the order of asking', async () => {
    sent.length = 0;
    expect((await services.acquire(holder, ['other.ts'])).granted).toHaveLength(1);
    expect(sent.filter((name) => name !== 'lock_keep_queue')).toEqual(['lock_acquire']);
    sent.length = 0;
    await services.locks.release(holder, services.place('crowded.ts'));
    await Promise.all(waits);
    expect(order).toEqual(agents.map((_, n) => n));
    // A grant is the release of the one before: nobody asks again.
    expect(sent.filter((name) => name === 'lock_release_paths')).toHaveLength(CROWD + 1);
    expect(sent.filter((name) => !['lock_release_paths', 'lock_keep_queue'].includes(name))).toEqual([]);
  });
});

/** The same pool; `sent` gets the name of each statement that has one. */
function countStatements(pool: Pool, sent: string[]): Pool {
  return new Proxy(pool, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (key !== 'query') return typeof value === 'function' ? value.bind(target) : value;
      return (statement: string | { name?: string }, ...rest: unknown[]) => {
        if (typeof statement !== 'string' && statement.name !== undefined) sent.push(statement.name);
        return Reflect.apply(value, target, [statement, ...rest]);
      };
    },
  });
}

async function countQueued(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM lock_waiters');
  return rows[0]?.n ?? 0;
}
