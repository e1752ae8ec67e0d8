import { beforeEach, describe, expect, test } from 'vitest';
import type { Actor } from '../../../src/actor/actor.js';
import { type LockServices, openLockServices } from '../../support/locks/lock-services.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const databases = await openBothDatabases();

describe.each(DATABASE_MODES)('locks, %s', (mode) => {
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

  const isGranted = async (actor: Actor, ...texts: string[]) =>
    (await services.acquire(actor, texts)).conflicts.length === 0;

  async function backdate(actor: Actor): Promise<void> {
    await pool.query(`UPDATE locks SET expires_at = clock_timestamp() - interval '1 ms' WHERE agent_id = $1`, [
      actor.agentId,
    ]);
  }

  test('a path has one holder, and the loser is told who, what and how long', async () => {
    await services.sessions.start(ann, {
      task: 'Rework auth',
      patterns: services.place('lib/auth.ts'),
      mode: 'exclusive',
      waitSeconds: 0,
    });
    const { conflicts, granted } = await services.acquire(bob, ['lib/auth.ts', 'lib/free.ts']);
    expect(granted).toEqual([]);
    expect(conflicts).toMatchObject([
      {
        requested: 'lib/auth.ts',
        pattern: 'lib/auth.ts',
        agentId: ann.agentId,
        holder: { id: ann.agentId, client: 'ann', name: expect.stringMatching(/^[A-Z][a-z]+$/), task: 'Rework auth' },
        task: 'Rework auth',
        queued: false,
      },
    ]);
    // Nothing of the refused set is held.
    expect(await isGranted(cleo, 'lib/free.ts')).toBe(true);
  });

  test.each([
    ['docs/{a,b}.md', 'docs/a.md'],
    ['docs/a.md', 'docs/{a,b}.md'],
    ['**/*.ts', 'src/**'],
    ['src/**', 'src/deep/er/x.ts'],
    ['src/deep/er/x.ts', '**'],
    ['a/**', 'a'],
    ['a', 'a/**'],
    ['*', 'README.md'],
    ['src/*/index.ts', 'src/app/*'],
  ])('%s excludes %s', async (held, wanted) => {
    expect(await isGranted(ann, held)).toBe(true);
    expect(await isGranted(bob, wanted)).toBe(false);
    expect(await isGranted(ann, wanted)).toBe(true);
  });

  test.each([
    ['docs/{a,b}.md', 'docs/c.md'],
    ['src/*.ts', 'src/deep/x.ts'],
    ['src/**', 'srcs/a.ts'],
    ['**/*.ts', 'src/*.js'],
    ['a/b', 'a/bc'],
  ])('%s leaves %s free', async (held, wanted) => {
    expect(await isGranted(ann, held)).toBe(true);
    expect(await isGranted(bob, wanted)).toBe(true);
  });

  test('shared locks stand beside each other, not beside an exclusive one', async () => {
    const shared = { mode: 'shared' } as const;
    expect((await services.acquire(ann, ['a/**'], shared)).granted).toHaveLength(1);
    expect((await services.acquire(bob, ['a/x'], shared)).granted).toHaveLength(1);
    expect(await isGranted(cleo, 'a/x')).toBe(false);
    // An upgrade waits for the other one's end.
    expect(await isGranted(bob, 'a/x')).toBe(false);
    await services.locks.release(ann, services.place('a/**'));
    const upgraded = await services.acquire(bob, ['a/x']);
    expect(upgraded.granted).toMatchObject([{ mode: 'exclusive' }]);
    expect((await services.acquire(ann, ['a/x'], shared)).conflicts).toHaveLength(1);
  });

  test('what is held already lives on under its token; a new grant has a higher one', async () => {
    const first = await services.acquire(ann, ['a', 'b']);
    const again = await services.acquire(ann, ['b', 'c']);
    const tokens = [...first.granted, ...again.granted].map(({ pattern, token }) => [pattern, token] as const);
    expect(tokens[1]?.[1]).toBe(tokens[2]?.[1]);
    expect(tokens[1]?.[1]).toBeGreaterThan(tokens[0]?.[1] ?? 0);
    expect(tokens[3]?.[1]).toBeGreaterThan(tokens[2]?.[1] ?? 0);
  });

  test('a hook claims what its agent holds without a write, until a tenth of the life has passed', async () => {
    const claim = (origin: 'hook' | 'tool') => services.acquire(ann, ['a'], { origin });
    const { granted } = await claim('hook');
    const [first] = granted;
    const versionOf = async () =>
      (await pool.query(`SELECT xmin::text AS version FROM locks WHERE id = $1`, [first?.id])).rows[0];
    const version = await versionOf();
    expect((await claim('hook')).granted).toEqual(granted);
    expect(await versionOf()).toEqual(version);
    // A call of a tool is answered with the whole life.
    expect((await claim('tool')).granted[0]?.expiresAt.getTime()).toBeGreaterThan(first?.expiresAt.getTime() ?? 0);
    await pool.query(
      `UPDATE locks SET expires_at = expires_at - make_interval(secs => life_seconds / 5) WHERE id = $1`,
      [first?.id],
    );
    const late = (await claim('hook')).granted[0];
    expect(late).toMatchObject({ id: first?.id, token: first?.token });
    expect(late?.expiresAt.getTime()).toBeGreaterThanOrEqual(first?.expiresAt.getTime() ?? 0);
  });

  test('expired is free to the next taker before any job has run, and its holder is told and can do nothing', async () => {
    const before = await services.acquire(ann, ['a']);
    await backdate(ann);
    const after = await services.acquire(bob, ['a']);
    expect(after.granted[0]?.token).toBeGreaterThan(before.granted[0]?.token ?? 0);
    expect(await services.locks.release(ann, services.place('a'))).toEqual({ released: [], notHeld: ['a'] });
    expect(await services.locks.findStale(ann.agentId, services.place('a'))).toMatchObject([
      { path: 'a', holder: { id: bob.agentId } },
    ]);
    const { rows } = await pool.query('SELECT kind, facts FROM notices WHERE agent_id = $1', [ann.agentId]);
    expect(rows).toMatchObject([{ kind: 'lock_lost', facts: { reason: 'expired', locks: [{ pattern: 'a' }] } }]);
    // Got back in due form, it is stale no longer.
    await services.locks.release(bob, services.place('a'));
    await services.acquire(ann, ['a']);
    expect(await services.locks.findStale(ann.agentId, services.place('a'))).toEqual([]);
  });

  test('a stale holder is known among thousands of locks of the past, by path and by glob', async () => {
    const past = (actor: Actor, prefix: string, reason: string, from: number) =>
      pool.query(
        `INSERT INTO locks (id, project_id, worktree, agent_id, pattern, key, literal_prefix, is_glob, mode, token, life_seconds, acquired_at,
                            expires_at, ended_at, end_reason)
         SELECT $2 || '_past_' || n, $1, '/nowhere', $2, path, path, path, false, 'exclusive', $5::int + n, 60, now(), now(), now(), $4
         FROM generate_series(1, 3000) n, LATERAL (SELECT $3 || n || '.ts' AS path) p`,
        [actor.projectId, actor.agentId, prefix, reason, from],
      );
    await past(ann, 'src/', 'expired', 1_000_000);
    await past(bob, 'src/', 'released', 2_000_000);
    await services.acquire(ann, ['docs/*.md']);
    await backdate(ann);
    await services.acquire(bob, ['docs/**']);
    const paths = services.place('src/7.ts', 'docs/a.md', 'src/other.ts');
    const stale = await services.locks.findStale(ann.agentId, paths);
    expect(stale).toMatchObject([
      { path: 'src/7.ts', token: 1_000_007, laterToken: 2_000_007, holder: { client: 'bob' } },
      { path: 'docs/a.md', holder: { id: bob.agentId } },
    ]);
    expect(await services.locks.findStale(bob.agentId, paths)).toEqual([]);
  });

  test('release takes what equals a pattern or lies within it, of its own', async () => {
    await services.acquire(ann, ['src/a.ts', 'src/lib/*.ts', 'docs/x.md']);
    await services.acquire(bob, ['src/b.ts']);
    const { released, notHeld } = await services.locks.release(ann, services.place('src/**', 'other/**'));
    expect(released.map(({ pattern }) => pattern).sort()).toEqual(['src/a.ts', 'src/lib/*.ts']);
    expect(notHeld).toEqual(['other/**']);
    expect((await services.locks.list(ann.projectId)).locks.map(({ pattern }) => pattern)).toEqual([
      'docs/x.md',
      'src/b.ts',
    ]);
  });

  test('subagents of one connection exclude each other; its task, named again, and a subagent do not', async () => {
    const input = { mode: 'exclusive', waitSeconds: 0 } as const;
    const one = await services.sessions.start(ann, { task: 'one', patterns: services.place('a'), ...input });
    const two = await services.sessions.start(ann, { task: 'two', patterns: services.place('a'), ...input });
    expect(two).toMatchObject({ sessionId: one.sessionId, conflicts: [], continued: 'one' });
    expect(await isGranted(ann, 'a')).toBe(true);
    const opened = (subagent: string) =>
      services.sessions.openSubagent(ann, { parentId: one.sessionId, subagent, task: 'part' });
    const [first, second] = [await opened('s1'), await opened('s2')];
    expect(await opened('s1')).toBe(first);
    expect(await isGranted({ ...ann, sessionId: first }, 'a', 'b')).toBe(true);
    expect(await isGranted({ ...ann, sessionId: second }, 'b')).toBe(false);
    expect(await isGranted({ ...ann, sessionId: one.sessionId }, 'b')).toBe(true);
    const ended = await services.sessions.end(ann, { summary: 'done' });
    expect(ended.locks.map(({ pattern }) => pattern)).toEqual(['a', 'b']);
    expect(await isGranted(bob, 'a', 'b')).toBe(true);
  });

  test('an agent that goes takes its locks, queue positions and sessions along, and wakes who waited', async () => {
    await services.sessions.start(ann, {
      task: 'half done',
      patterns: services.place('a'),
      mode: 'exclusive',
      waitSeconds: 0,
    });
    const forBob = services.acquire(bob, ['a'], { waitSeconds: 20 });
    await waitUntil(async () => (await services.locks.list(ann.projectId)).waiters.length === 1, 'bob waits');
    const { rows } = await pool.query<{ gone: unknown }>('SELECT disconnect_agent($1, $2) AS gone', [
      ann.agentId,
      'test',
    ]);
    expect(rows[0]?.gone).toMatchObject({ locks: [{ pattern: 'a' }], sessions: [{ task: 'half done' }] });
    expect((await forBob).granted).toHaveLength(1);
    await expect(services.acquire(ann, ['x'])).rejects.toMatchObject({ code: 'not_ready', retryable: true });
  });

  test('a person takes a lock: holder told, trace left', async () => {
    await services.acquire(ann, ['src/a.ts']);
    expect(await services.locks.forceRelease(services.place('src/**'), 'me', 'gone home')).toHaveLength(1);
    const { rows } = await pool.query(
      `SELECT type, metadata FROM activities WHERE project_id = $1 AND type = 'lock_forced'`,
      [ann.projectId],
    );
    expect(rows).toMatchObject([{ metadata: { note: 'gone home (me)' } }]);
    expect(await isGranted(bob, 'src/a.ts')).toBe(true);
  });

  test('no two exclusive holders of a path, even past the function', async () => {
    await services.acquire(ann, ['a']);
    const copy = pool.query(
      `INSERT INTO locks (id, project_id, worktree, agent_id, pattern, key, literal_prefix, is_glob, mode, token, life_seconds, acquired_at, expires_at)
       SELECT 'lock_copy', project_id, worktree, $2, pattern, key, literal_prefix, is_glob, mode, token + 1, life_seconds, acquired_at, expires_at
       FROM locks WHERE agent_id = $1`,
      [ann.agentId, bob.agentId],
    );
    await expect(copy).rejects.toMatchObject({ code: '23505', constraint: 'locks_live_path_key' });
  });
});
