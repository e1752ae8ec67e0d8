// Agents that wait for each other's locks, through real clients, in both modes.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Acquired,
  connectTeam,
  endTasks,
  type Started,
  TEAM_MODES,
  type Working,
} from '../../support/locks/team.js';
import { connectClient, type TestClient, type ToolCallError } from '../../support/processes/client.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { waitUntil } from '../../support/setup/wait-until.js';

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe.each(TEAM_MODES)('the lock queue, $mode mode', ({ start }) => {
  let env: EnvironmentChange;
  let alice: TestClient;
  let bob: TestClient;
  let carol: TestClient;

  beforeAll(async () => {
    env = await start();
    ({ alice, bob, carol } = await connectTeam(env));
  });

  afterEach(() => endTasks({ alice, bob, carol }));

  test('a wait ends with the lock when the holder lets go, in the order of asking', async () => {
    await alice.call('start_task', { task: 'First', files: ['a.ts'] });
    const { promise: progress, resolve: onprogress } = withResolvers<{
      message?: string | undefined;
      total?: number | undefined;
    }>();
    const second = { task: 'Second', files: ['a.ts'], wait_seconds: 50 };
    const waiting = bob.mcp.callTool({ name: 'start_task', arguments: second }, undefined, { onprogress });
    // A call that does not wait is told of both; it also shows that bob has a queue position.
    const told = await waitUntil(async () => {
      const { conflicts } = await carol.call<Acquired>('acquire', { patterns: ['a.ts'] });
      return conflicts.length === 2 && conflicts;
    }, 'bob to queue');
    expect(told).toMatchObject([{ client: 'alice' }, { client: 'bob', queued: true, expires_in: 'unknown' }]);
    expect(await progress).toMatchObject({
      message: expect.stringMatching(/^Queued; waits for [A-Z][a-z]+ \(alice, /),
      total: 50,
    });
    await alice.call('end_task', { summary: 'Done' });
    expect((await waiting).structuredContent).toMatchObject({ locks: { acquired: ['a.ts'], conflicts: [] } });
  });

  test('a call that its client gives up leaves the queue', async () => {
    await alice.call('acquire', { patterns: ['a.ts'] });
    const conflicts = async () => (await carol.call<Acquired>('acquire', { patterns: ['a.ts'] })).conflicts.length;
    const given = new AbortController();
    const wanted = { patterns: ['a.ts'], wait_seconds: 50 };
    const waiting = bob.mcp.callTool({ name: 'acquire', arguments: wanted }, undefined, { signal: given.signal });
    await waitUntil(async () => (await conflicts()) === 2, 'bob to queue');
    given.abort();
    await expect(waiting).rejects.toThrow();
    await waitUntil(async () => (await conflicts()) === 1, 'bob to leave the queue');
  });

  test('a holder that is killed holds nothing: who waits has the lock, and its task is abandoned', async () => {
    const dora = await connectClient({ env, clientName: 'dora' });
    const { agent_id } = await dora.call<Started>('start_task', { task: 'Crash', files: ['a.ts'] });
    const waiting = bob.call<Started>('start_task', { task: 'Second', files: ['a.ts'], wait_seconds: 50 });
    await waitUntil(
      async () => (await carol.call<Acquired>('acquire', { patterns: ['a.ts'] })).conflicts.length === 2,
      'bob to queue',
    );
    dora.kill('SIGKILL');
    expect((await waiting).locks.acquired).toEqual(['a.ts']);
    const { active_agents, idle_agents } = await bob.call<Working>('who_is_working');
    expect([...active_agents, ...idle_agents].map((agent) => agent.agent_id)).not.toContain(agent_id);
  });

  test('a wait that could never end is refused', async () => {
    await alice.call('acquire', { patterns: ['a.ts'] });
    await bob.call('acquire', { patterns: ['b.ts'] });
    const waiting = alice.call<Acquired>('acquire', { patterns: ['b.ts'], wait_seconds: 50 });
    await waitUntil(async () => {
      const { conflicts } = await carol.call<Acquired>('acquire', { patterns: ['b.ts'] });
      return conflicts.some(({ queued }) => queued);
    }, 'alice to queue');
    const refused = await bob
      .call('acquire', { patterns: ['a.ts'], wait_seconds: 50 })
      .catch((error: ToolCallError) => error);
    expect(refused).toMatchObject({ code: 'conflict', message: expect.stringContaining('alice') });
    expect((refused as ToolCallError).fix).toContain('Release');
    await bob.call('release', { patterns: ['b.ts'] });
    expect((await waiting).acquired).toHaveLength(1);
  });
});
