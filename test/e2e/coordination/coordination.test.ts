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

  test('two tasks of one connection are two owners: the way out is said, session_id tells them apart', async () => {
    const one = await alice.call<Started>('start_task', { task: 'One', files: ['a.ts'] });
    const other = await alice.call<Started>('start_task', { task: 'Other', files: ['b.ts'] });
    const refused = await alice.call<Started>('start_task', { task: 'Third', files: ['a.ts'] });
    expect(refused.locks.conflicts).toMatchObject([{ file: 'a.ts', session_id: one.session_id }]);
    expect(refused.suggestion).toContain(`end_task with session_id "${one.session_id}"`);
    await expect(alice.call('end_task', { summary: 'Which?' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(other.session_id ?? ''),
      fix: expect.stringContaining('session_id'),
    });

    const more = await alice.call<Acquired>('acquire', { patterns: ['a.ts', 'c.ts'], session_id: one.session_id });
    expect(more.acquired.map(({ pattern }) => pattern)).toEqual(['a.ts', 'c.ts']);
    expect(await alice.call('release', { patterns: ['c.ts'], session_id: other.session_id })).toEqual({
      released: [],
      not_held: ['c.ts'],
    });
    expect(await alice.call('end_task', { summary: 'One is done', session_id: one.session_id })).toMatchObject({
      session_id: one.session_id,
      locks_released: ['a.ts', 'c.ts'],
    });
    expect(await alice.call('end_task', { summary: 'The other too' })).toMatchObject({ session_id: other.session_id });
    await expect(alice.call('acquire', { patterns: ['a.ts'], session_id: one.session_id })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('session_id'),
    });
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
