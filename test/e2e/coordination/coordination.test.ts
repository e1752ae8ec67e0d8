// Agents that work on one project at once, through real clients, in both modes.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Acquired,
  connectTeam,
  endTasks,
  idOf,
  type Started,
  TEAM_MODES,
  type Working,
} from '../../support/locks/team.js';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createFolder } from '../../support/setup/folders.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const NAME = expect.stringMatching(/^[A-Z][a-z]+$/);
const called = (client: string) => ({ name: NAME, client, terminal: 'tmux %7' });

describe.each(TEAM_MODES)('coordination, $mode mode', ({ start }) => {
  let env: EnvironmentChange;
  let alice: TestClient;
  let bob: TestClient;
  let carol: TestClient;

  beforeAll(async () => {
    env = await start();
    ({ alice, bob, carol } = await connectTeam(env));
  });

  afterEach(() => endTasks({ alice, bob, carol }));

  test('two agents want one file, the second is told who, what and how long', async () => {
    const first = await alice.call<Started>('start_task', {
      task: 'Add JWT authentication to the API',
      files: ['lib/auth.ex', 'lib/router.ex'],
    });
    expect(first).toMatchObject({
      session_id: expect.stringMatching(/^sess_/),
      locks: { acquired: ['lib/auth.ex', 'lib/router.ex'], expires_in: '15 minutes', conflicts: [] },
    });

    const second = await bob.call<Started>('start_task', {
      task: 'Refactor auth module',
      files: ['lib/other.ex', 'lib/auth.ex'],
    });
    expect(second).toEqual({
      agent_id: await idOf(bob),
      name: NAME,
      locks: {
        acquired: [],
        conflicts: [
          {
            file: 'lib/auth.ex',
            held_by: first.agent_id,
            ...called('alice'),
            task: 'Add JWT authentication to the API',
            held_for: expect.stringMatching(/second|minute/),
            expires_in: '15 minutes',
            last_active: expect.stringMatching(/just now|ago/),
          },
        ],
      },
      suggestion: expect.stringMatching(
        /^Stop.*Tell the user.*lib\/auth\.ex is held by [A-Z][a-z]+ \(alice, tmux %7\)/,
      ),
    });
    // No session was opened, and the file that was free is still free.
    await expect(bob.call('end_task', { summary: 'nothing' })).rejects.toMatchObject({ code: 'not_found' });
    const third = await bob.call<Started>('start_task', { task: 'Write tests', files: ['lib/other.ex'] });
    expect(third.locks.acquired).toEqual(['lib/other.ex']);
    expect(third.context?.other_agents).toEqual([
      {
        id: first.agent_id,
        ...called('alice'),
        task: 'Add JWT authentication to the API',
        files: ['lib/auth.ex', 'lib/router.ex'],
      },
    ]);

    // What is locked on the way belongs to the task, and ends with it.
    await alice.call('acquire', { patterns: ['lib/claims.ex'] });
    const ended = await alice.call('end_task', { summary: 'Added JWT auth', tokens_in: 15_000, tokens_out: 8_000 });
    expect(ended).toEqual({
      status: 'completed',
      session_id: first.session_id,
      duration: expect.stringMatching(/second/),
      locks_released: ['lib/auth.ex', 'lib/claims.ex', 'lib/router.ex'],
      cost_usd: null,
    });
    const again = await bob.call<Acquired>('acquire', { patterns: ['lib/auth.ex'] });
    expect(again.acquired.map(({ pattern }) => pattern)).toEqual(['lib/auth.ex']);
    expect(again.acquired[0]?.token).toBeGreaterThan(Math.max(...(first.locks.tokens ?? [])));
  });

  test('who is working: tasks with their files, and who is only there', async () => {
    const { session_id } = await alice.call<Started>('start_task', {
      task: 'Write tests for the user model',
      files: ['test/user_test.exs'],
    });
    const bobsId = await idOf(bob);
    const seen = await bob.call<Working>('who_is_working');
    expect(seen).toEqual({
      active_agents: [
        {
          agent_id: await idOf(alice),
          ...called('alice'),
          task: 'Write tests for the user model',
          files_locked: ['test/user_test.exs'],
          started: expect.stringMatching(/^just now$|ago$/),
          last_active: expect.stringMatching(/^just now$|ago$/),
        },
      ],
      idle_agents: expect.arrayContaining([
        { agent_id: bobsId, ...called('bob'), last_active: expect.any(String), you: true },
        { agent_id: await idOf(carol), ...called('carol'), last_active: expect.any(String) },
      ]),
    });
    const own = await alice.call<Working>('who_is_working');
    expect(own.active_agents).toMatchObject([{ you: true, session_id }]);
  });

  test('globs and folders meet the files in them, whether or not these exist', async () => {
    await alice.call('acquire', { patterns: ['src/**', './docs/{a,b}.md'] });
    const refused = await bob.call<Acquired>('acquire', { patterns: ['docs/../docs/a.md', 'src/new/file.ts'] });
    expect(refused.acquired).toEqual([]);
    expect(refused.conflicts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ file: 'src/new/file.ts', pattern: 'src/**', client: 'alice', task: null }),
        expect.objectContaining({ file: 'docs/a.md', pattern: 'docs/{a,b}.md' }),
      ]),
    );
    expect(refused.suggestion).toContain('ask the user: only a person can free it');
    expect((await bob.call<Acquired>('acquire', { patterns: ['docs/c.md'] })).acquired).toHaveLength(1);

    const released = await alice.call('release', { patterns: ['src/**', 'nowhere.md'] });
    expect(released).toEqual({ released: ['src/**'], not_held: ['nowhere.md'] });
    expect((await bob.call<Acquired>('acquire', { patterns: ['src/new/file.ts'] })).acquired).toHaveLength(1);
  });

  test('a folder that is there is meant whole', async () => {
    const cwd = createFolder('ps-team-');
    mkdirSync(join(cwd, 'lib'));
    const dora = await connectClient({ env, cwd, clientName: 'dora' });
    const { acquired } = await dora.call<Acquired>('acquire', { patterns: ['lib'] });
    expect(acquired.map(({ pattern }) => pattern)).toEqual(['lib/**']);
  });

  test('shared locks go together, an exclusive one with none', async () => {
    await alice.call('acquire', { patterns: ['schema.sql'], mode: 'shared' });
    expect(await bob.call<Acquired>('acquire', { patterns: ['schema.sql'], mode: 'shared' })).toMatchObject({
      acquired: [{ pattern: 'schema.sql' }],
    });
    expect(await bob.call<Acquired>('acquire', { patterns: ['schema.sql'] })).toMatchObject({
      acquired: [],
      conflicts: [{ client: 'alice', mode: 'shared' }],
    });
  });

  test('start_task again is the same task: renamed, with the files added, never a conflict with oneself', async () => {
    const one = await alice.call<Started>('start_task', { task: 'One', files: ['a.ts', 'own/**'] });
    const again = await alice.call<Started>('start_task', { task: 'Other', files: ['own/b.ts', 'a.ts'] });
    expect(again).toMatchObject({ session_id: one.session_id, continued_task: 'One', locks: { conflicts: [] } });
    expect(again.context?.other_agents.map(({ id }) => id)).not.toContain(await idOf(alice));
    const { active_agents } = await bob.call<{ active_agents: Record<string, unknown>[] }>('who_is_working');
    expect(active_agents.filter(({ client }) => client === 'alice')).toMatchObject([
      { task: 'Other', files_locked: expect.arrayContaining(['a.ts', 'own/**', 'own/b.ts']) },
    ]);

    // Two at the same time are one, too.
    const both = await Promise.all(
      ['Third', 'Fourth'].map((task) => alice.call<Started>('start_task', { task, files: ['c.ts'] })),
    );
    expect(both.map(({ session_id }) => session_id)).toEqual([one.session_id, one.session_id]);

    // With a conflict the task stays as it was.
    await bob.call('acquire', { patterns: ['bobs.ts'] });
    const refused = await alice.call<Started>('start_task', { task: 'Fifth', files: ['d.ts', 'bobs.ts'] });
    expect(refused.locks).toMatchObject({ acquired: [], conflicts: [{ client: 'bob' }] });
    await bob.call('release', { patterns: ['bobs.ts'] });
    const ended = await alice.call<{ locks_released: string[] }>('end_task', { summary: 'Done' });
    expect(ended.locks_released.sort()).toEqual(['a.ts', 'c.ts', 'own/**', 'own/b.ts']);
    await expect(alice.call('acquire', { patterns: ['a.ts'], session_id: one.session_id })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('session_id'),
    });
    const next = await alice.call<Started>('start_task', { task: 'Next' });
    expect(next.session_id).not.toBe(one.session_id);
    expect(next).not.toHaveProperty('continued_task');
    await alice.call('end_task', { summary: 'Done' });
  });

  test('two first tasks of one connection at the same time are one', async () => {
    const eve = await connectClient({ env, clientName: 'eve' });
    const both = await Promise.all(
      ['One', 'Two'].map((task) => eve.call<Started>('start_task', { task, files: ['eves/**'] })),
    );
    expect(new Set(both.map(({ session_id }) => session_id)).size).toBe(1);
    expect(both.flatMap(({ locks }) => locks.conflicts)).toEqual([]);
    await eve.close();
  });

  test('an announcement names whom it reaches, and comes with their next answers', async () => {
    const others = [
      { agent_id: await idOf(bob), name: NAME, client: 'bob' },
      { agent_id: await idOf(carol), name: NAME, client: 'carol' },
    ];
    expect(await alice.call('announce', { message: 'lib/auth moves', files: ['lib/auth.ex'] })).toEqual({
      announcement_id: expect.stringMatching(/^ann_/),
      delivered_to: expect.arrayContaining(others),
    });
    const { notices } = await bob.call<{ notices: unknown[] }>('who_is_working');
    expect(notices).toContainEqual(
      expect.objectContaining({
        kind: 'announcement',
        message: 'lib/auth moves',
        data: expect.objectContaining({ name: NAME, client: 'alice', files: ['lib/auth.ex'] }),
      }),
    );
  });

  test('who began a task with a decision is told when it is superseded', async () => {
    const old = await alice.call<{ decision_id: string }>('decide', { topic: 'caching', decision: 'Cache in Redis' });
    await bob.call('start_task', { task: 'Add caching of pages' });
    await alice.call('decide', { topic: 'caching', decision: 'Cache in memory', supersedes: old.decision_id });
    await waitUntil(async () => {
      const { notices = [] } = await bob.call<{ notices?: { kind: string; message: string }[] }>('who_is_working');
      return notices.some(({ kind, message }) => kind === 'superseded' && message.includes(old.decision_id));
    }, 'bob to be told');
  });

  test('secrets are redacted from tasks, summaries and messages; what others read is cleaned', async () => {
    const key = ['AKIA', 'Z7K2M4P6Q8R1', 'S3T5'].join('');
    const started = await alice.call<Started>('start_task', { task: `Rotate ${key}\u202e now`, files: ['x.ts'] });
    expect(started.redacted).toHaveLength(1);
    const seen = await bob.call<Started & { removed_invisible: number }>('start_task', { task: 'x', files: ['x.ts'] });
    expect(seen.locks.conflicts[0]?.task).toMatch(/^Rotate \[redacted:[^\]]+\] now$/);
    expect(seen.removed_invisible).toBeGreaterThan(0);
    expect(seen.suggestion).not.toContain('Rotate');
    expect(await alice.call('announce', { message: `The key is ${key}` })).toMatchObject({
      redacted: [expect.any(String)],
    });
    expect(await alice.call('end_task', { summary: `Rotated ${key}` })).toMatchObject({
      redacted: [expect.any(String)],
    });
  });
});
