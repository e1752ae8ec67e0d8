// Sets of files in several repositories and worktrees: one transaction, on several boards.
import type { Pool } from 'pg';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Actor } from '../../../src/actor/actor.js';
import type { PlacedPattern } from '../../../src/coordination/locks/lock-types.js';
import { type LockServices, openLockServices, toPlaced } from '../../support/locks/lock-services.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const databases = await openBothDatabases();

describe.each(DATABASE_MODES)('boards and worktrees, %s', (mode) => {
  const pool: Pool = databases[mode];
  let services: LockServices;
  let ann: Actor;
  let bob: Actor;
  let count = 0;
  let [one, two] = ['', ''];

  beforeEach(async () => {
    count += 1;
    [one, two] = [`proj_one_${count}`, `proj_two_${count}`];
    services = await openLockServices(pool, { projectId: one });
    [ann, bob] = [await services.connect('ann'), await services.connect('bob')];
    return () => services.close();
  });

  const acquire = (actor: Actor, patterns: PlacedPattern[], waitSeconds = 0) =>
    services.locks.acquire(actor, { patterns, mode: 'exclusive', waitSeconds, origin: 'tool' });
  const onBoth = () => [toPlaced('a', one), toPlaced('a', two)];
  const waiters = async () => (await services.locks.listBoards([one, two])).waiters;

  test('a set over several boards is granted whole or not at all, and released from all', async () => {
    expect((await acquire(bob, [toPlaced('a', two)])).granted).toHaveLength(1);
    const refused = await acquire(ann, onBoth());
    expect(refused).toMatchObject({ granted: [], conflicts: [{ requested: 'a', agentId: bob.agentId }] });
    await services.locks.release(bob, [toPlaced('a', two)]);
    const granted = await acquire(ann, onBoth());
    expect(granted.granted).toHaveLength(2);
    expect(granted.granted[1]?.token).toBeGreaterThan(granted.granted[0]?.token ?? 0);
    // Each board's timeline has its own.
    const { rows } = await pool.query(
      `SELECT project_id, subject FROM activities WHERE agent_id = $1 AND type = 'lock_acquired' ORDER BY 1`,
      [ann.agentId],
    );
    expect(rows).toEqual([one, two].map((project_id) => ({ project_id, subject: 'a' })));
    expect((await services.locks.release(ann, onBoth())).released).toHaveLength(2);
    expect((await acquire(bob, onBoth())).granted).toHaveLength(2);
  });

  test('a waiter on several boards is granted its set when the last of them is free', async () => {
    await acquire(bob, [toPlaced('a', one)]);
    await acquire(bob, [toPlaced('a', two)]);
    const forAnn = acquire(ann, onBoth(), 20);
    await waitUntil(async () => (await waiters()).length === 1, 'ann waits');
    await services.locks.release(bob, [toPlaced('a', one)]);
    // Ann was first, though she can't have it yet.
    const cleo = await services.connect('cleo');
    expect((await acquire(cleo, [toPlaced('a', one)])).conflicts).toMatchObject([{ queued: true }]);
    await services.locks.release(bob, [toPlaced('a', two)]);
    expect((await forAnn).granted).toHaveLength(2);
    expect(await waiters()).toEqual([]);
  });

  test('those who ask for the same boards in opposite orders never block each other for good', async () => {
    const rounds = Array.from({ length: 20 }, (_, index) => index);
    await Promise.all(
      [ann, bob].map(async (actor, at) => {
        for (const round of rounds) {
          const set = [toPlaced(`a${round}`, one), toPlaced(`a${round}`, two)];
          const { granted } = await acquire(actor, at === 0 ? set : set.reverse(), 20);
          expect(granted).toHaveLength(2);
          await services.locks.release(actor, set);
        }
      }),
    );
  });

  test('a cycle of waits over two boards is refused', async () => {
    await acquire(ann, [toPlaced('a', one)]);
    await acquire(bob, [toPlaced('a', two)]);
    const abort = new AbortController();
    const request = { mode: 'exclusive', waitSeconds: 20, origin: 'tool', signal: abort.signal } as const;
    const forAnn = services.locks.acquire(ann, { ...request, patterns: [toPlaced('a', two)] });
    await waitUntil(async () => (await waiters()).length === 1, 'ann waits');
    expect(await acquire(bob, [toPlaced('a', one)], 20)).toMatchObject({ cycle: true, granted: [] });
    abort.abort();
    await expect(forAnn).rejects.toThrow('was cancelled');
  });

  test('an agent that goes leaves nothing on any board, and its place in the queue', async () => {
    await acquire(ann, onBoth());
    const forBob = acquire(bob, [toPlaced('a', two)], 20);
    await waitUntil(async () => (await waiters()).length === 1, 'bob waits');
    await pool.query('SELECT disconnect_agent($1, $2)', [ann.agentId, 'test']);
    expect((await forBob).granted).toHaveLength(1);
    const { locks } = await services.locks.listBoards([one, two]);
    expect(locks).toMatchObject([{ agentId: bob.agentId, board: two }]);
  });

  test('worktrees: no conflict but a warning; where the project says so, a conflict', async () => {
    const here = toPlaced('src/a.ts', one, '/repo');
    const there = toPlaced('src/a.ts', one, '/repo-b');
    const thereByGlob = toPlaced('src/**', one, '/repo-b');
    expect((await acquire(ann, [here])).warnings).toEqual([]);
    expect(await acquire(bob, [thereByGlob])).toMatchObject({
      conflicts: [],
      granted: [{}],
      warnings: [{ requested: 'src/**', pattern: 'src/a.ts', worktree: '/repo', agentId: ann.agentId }],
    });
    await services.locks.release(bob, [thereByGlob]);
    await pool.query(`UPDATE projects SET across_worktrees = 'deny' WHERE id = $1`, [one]);
    for (const wanted of [there, thereByGlob]) {
      expect(await acquire(bob, [wanted])).toMatchObject({
        granted: [],
        conflicts: [{ pattern: 'src/a.ts', worktree: '/repo', agentId: ann.agentId }],
      });
      const { conflicts } = await services.locks.findConflicts(bob.agentId, [wanted]);
      expect(conflicts).toMatchObject([{ worktree: '/repo' }]);
    }
    const forBob = acquire(bob, [there], 20);
    await waitUntil(async () => (await waiters()).length === 1, 'bob waits');
    await services.locks.release(ann, [here]);
    expect((await forBob).granted).toHaveLength(1);
  });

  test('what waits in one worktree is not behind those who wait in another', async () => {
    const [here, there] = [toPlaced('a', one, '/repo'), toPlaced('a', one, '/repo-b')];
    const cleo = await services.connect('cleo');
    await acquire(ann, [here]);
    const abort = new AbortController();
    const waiting = { mode: 'exclusive', waitSeconds: 20, origin: 'tool', signal: abort.signal } as const;
    const forBob = services.locks.acquire(bob, { ...waiting, patterns: [here] });
    await waitUntil(async () => (await waiters()).length === 1, 'bob waits');
    expect((await acquire(cleo, [there])).granted).toHaveLength(1);
    abort.abort();
    await expect(forBob).rejects.toThrow('was cancelled');
  });

  test('a lost lock in one worktree makes nobody stale in another', async () => {
    const [here, there] = [toPlaced('a', one, '/repo'), toPlaced('a', one, '/repo-b')];
    await acquire(ann, [here]);
    await pool.query(`UPDATE locks SET expires_at = clock_timestamp() WHERE agent_id = $1`, [ann.agentId]);
    await acquire(bob, [there]);
    expect(await services.locks.findStale(ann.agentId, [here])).toEqual([]);
    const cleo = await services.connect('cleo');
    await acquire(cleo, [here]);
    expect(await services.locks.findStale(ann.agentId, [here])).toMatchObject([{ holder: { id: cleo.agentId } }]);
    expect(await services.locks.findStale(ann.agentId, [there])).toEqual([]);
  });
});
