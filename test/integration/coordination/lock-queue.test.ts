// The lock queue: who is granted what, in which order, and what is left when a waiter gives up.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Actor } from '../../../src/actor/actor.js';
import { type LockServices, openLockServices } from '../../support/locks/lock-services.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const databases = await openBothDatabases();

describe.each(DATABASE_MODES)('the lock queue, %s', (mode) => {
  const pool = databases[mode];
  let services: LockServices;
  let ann: Actor;
  let bob: Actor;
  let cleo: Actor;
  let project = 0;

  beforeEach(async () => {
    project += 1;
    services = await openLockServices(pool, { projectId: `proj_${project}` });
    [ann, bob, cleo] = (await Promise.all(['ann', 'bob', 'cleo'].map((name) => services.connect(name)))) as [
      Actor,
      Actor,
      Actor,
    ];
    return () => services.close();
  });

  const untilQueued = (count: number) =>
    waitUntil(
      async () => (await services.locks.list(ann.projectId)).waiters.length === count,
      `${count} in the lock queue`,
    );

  test('a waiter gets what is freed, in the order of asking, and the whole set at once', async () => {
    await services.acquire(ann, ['a', 'b']);
    const wait = { waitSeconds: 20 };
    const order: string[] = [];
    const forBob = services.acquire(bob, ['a', 'b'], wait).then((outcome) => {
      order.push('bob');
      return outcome;
    });
    await untilQueued(1);
    const forCleo = services.acquire(cleo, ['b'], wait).then((outcome) => {
      order.push('cleo');
      return outcome;
    });
    await untilQueued(2);
    // Free, but bob came first and needs both.
    await services.locks.release(ann, services.place('b'));
    const late = await services.acquire(await services.connect('late'), ['b']);
    expect(late.conflicts).toMatchObject([
      { agentId: bob.agentId, queued: true },
      { agentId: cleo.agentId, queued: true },
    ]);
    await services.locks.release(ann, services.place('a'));
    expect((await forBob).granted).toHaveLength(2);
    await services.locks.release(bob, services.place('a', 'b'));
    expect((await forCleo).granted).toHaveLength(1);
    expect(order).toEqual(['bob', 'cleo']);
    expect((await services.locks.list(ann.projectId)).waiters).toEqual([]);
  });

  test('a release grants the lock to the next in the queue before it is answered', async () => {
    await services.acquire(ann, ['a.ts', 'b.ts']);
    await services.acquire(cleo, ['src/*.js']);
    const forBob = services.acquire(bob, ['a.ts', 'src/*.ts', '*.md'], { waitSeconds: 20 });
    await untilQueued(1);
    await services.locks.release(ann, services.place('a.ts'));
    const { locks, waiters } = await services.locks.list(ann.projectId);
    expect(locks.filter(({ agentId }) => agentId === bob.agentId).map(({ pattern }) => pattern)).toEqual([
      '*.md',
      'a.ts',
      'src/*.ts',
    ]);
    expect(waiters).toEqual([]);
    const { granted } = await forBob;
    expect(granted.map(({ pattern }) => pattern)).toEqual(['a.ts', 'src/*.ts', '*.md']);
    expect(granted.map(({ token }) => token)).toEqual(
      granted.map(({ pattern }) => locks.find((lock) => lock.pattern === pattern)?.token),
    );
  });

  test('what was granted to a call that is cancelled goes back', async () => {
    for (let round = 0; round < 5; round += 1) {
      await services.acquire(ann, ['a']);
      const abort = new AbortController();
      const forBob = services.acquire(bob, ['a', 'b'], { waitSeconds: 20, signal: abort.signal });
      await untilQueued(1);
      const released = services.locks.release(ann, services.place('a'));
      if (round % 2 === 0) await released;
      abort.abort();
      const granted = await forBob.then(
        (answer) => answer.granted,
        () => [],
      );
      await released;
      const { locks, waiters } = await services.locks.list(ann.projectId);
      // Whether the answer or the cancelling was first: what bob was told is what he holds.
      expect(locks.map(({ pattern }) => pattern).sort()).toEqual(granted.map(({ pattern }) => pattern).sort());
      expect(waiters).toEqual([]);
      await services.locks.release(bob, services.place('a', 'b'));
    }
  });

  test('a waiter whose process has not renewed its position for two seconds is granted nothing: it asks by itself', async () => {
    await services.acquire(ann, ['a']);
    const forBob = services.acquire(bob, ['a'], { waitSeconds: 20 });
    await untilQueued(1);
    // As if its process were stopped; in one transaction, so that it does not ask in between.
    const results = await pool.query(
      `SELECT lock_project('${ann.projectId}');
       UPDATE queue_keepers SET alive_until = clock_timestamp() + interval '3 seconds'
         WHERE id = (SELECT keeper FROM lock_waiters WHERE agent_id = '${bob.agentId}');
       SELECT id FROM release_locks('{${ann.projectId}}', '${ann.agentId}', NULL, '{/nowhere/a}', '{${ann.projectId}/a}');
       SELECT id FROM locks WHERE project_id = '${ann.projectId}' AND ended_at IS NULL`,
    );
    expect((results as unknown as { rowCount: number }[]).map(({ rowCount }) => rowCount)).toEqual([1, 1, 1, 0]);
    expect((await forBob).granted).toHaveLength(1);
  });

  test('a wait that would close a cycle is refused at once; without waiting it is a plain conflict', async () => {
    await services.acquire(ann, ['a']);
    await services.acquire(bob, ['b']);
    const abort = new AbortController();
    const forAnn = services.acquire(ann, ['b'], { waitSeconds: 20, signal: abort.signal });
    await untilQueued(1);
    expect(await services.acquire(bob, ['a'], { waitSeconds: 20 })).toMatchObject({ cycle: true, granted: [] });
    expect(await services.acquire(bob, ['a'])).toMatchObject({ cycle: false, conflicts: [{ agentId: ann.agentId }] });
    // Who is waited for may take what the waiter has not got yet: anything else would be a cycle.
    expect((await services.acquire(bob, ['b'])).conflicts).toEqual([]);
    abort.abort();
    await expect(forAnn).rejects.toThrow('was cancelled');
    expect((await services.locks.list(ann.projectId)).waiters).toEqual([]);
  });
});
