// Calls that their client cancels: whenever that comes, they leave neither task nor lock nor position in a queue.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Started } from '../../support/locks/team.js';
import { createGuardedRepository } from '../../support/processes/guarded-repository.js';
import { type HookedClient, startHookedClient } from '../../support/processes/hooked-client.js';
import { killServer } from '../../support/processes/local-server.js';
import { runCommand } from '../../support/processes/processes.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { waitUntil } from '../../support/setup/wait-until.js';

interface Working {
  active_agents: { agent_id: string; task: string | null; files_locked: string[] }[];
}

describe.each(['embedded', 'server'] as const)('cancelled calls, %s mode', (mode) => {
  let env: EnvironmentChange;
  let project: string;
  let one: HookedClient;
  let two: HookedClient;

  const tasksOf = async (agentId: string) =>
    (await two.call<Working>('who_is_working')).active_agents.filter((agent) => agent.agent_id === agentId);

  beforeAll(async () => {
    env = { POPSTASH_DATA_DIR: createDataFolder() };
    if (mode === 'server') env = { ...env, DATABASE_URL: (await createTestDatabase()).url };
    project = await createGuardedRepository(env);
    one = await startHookedClient({ env, cwd: project });
    two = await startHookedClient({ env, cwd: project, name: 'cursor-vscode' });
  });

  test.each([0, 1, 4, 12, 30, 'answer', 'id 0'] as const)(
    'a call that is cancelled (after %s) leaves neither task nor lock nor queue position',
    async (when) => {
      const after = when === 'id 0' ? 'answer' : when;
      const file = `src/cancelled-${when}.ts`;
      // The protocol's library knows no request by this id.
      const id = when === 'id 0' ? 0 : undefined;
      await one.cancel('start_task', { task: 'Not this', files: [file] }, after, id);
      await one.cancel('acquire', { patterns: [`also-${file}`] }, after);
      await waitUntil(async () => {
        const files = [file, `also-${file}`];
        return (await two.call<Started>('start_task', { task: 'Mine', files })).locks.conflicts.length === 0;
      }, 'nothing to be left');
      expect(await tasksOf(one.agentId)).toEqual([]);
      await one.cancel('acquire', { patterns: [file], wait_seconds: 40 }, after === 'answer' ? 60 : after, id);
      await waitUntil(async () => {
        const { stdout } = await runCommand(['locks', '--json'], { env, cwd: project });
        return JSON.parse(stdout).waits.length === 0;
      }, 'the position to be given up');
      await two.call('end_task', { summary: 'done' });
      expect(await tasksOf(one.agentId)).toEqual([]);
    },
  );

  test('a cancelled start in an open task takes back the new name and the new files alone', async () => {
    await one.call('start_task', { task: 'First', files: ['src/first.ts'] });
    await one.cancel('start_task', { task: 'Second', files: ['src/first.ts', 'src/second.ts'] }, 'answer');
    await waitUntil(async () => {
      const [own] = await tasksOf(one.agentId);
      return own?.task === 'First' && own.files_locked.join() === 'src/first.ts';
    }, 'the task to be as it was');
    await one.call('end_task', { summary: 'done' });
  });

  // As the bridge sends it to the server that follows one that has ended before it gave the call back.
  test('what a cancelled call did on a server that has ended is given back by the next, and no more', async () => {
    const made = (agoMs: number) => ({ 'popstash/resent': true, 'popstash/cancelled': Date.now() - agoMs });
    const start = { task: 'Cancelled', files: ['src/death.ts'] };
    await one.call('start_task', start);
    await one.call('acquire', { patterns: ['src/later.ts'] });
    await one.call('acquire', { patterns: ['src/later.ts'] }, made(60_000));
    await waitUntil(async () => {
      return (await tasksOf(one.agentId))[0]?.files_locked.join() === 'src/death.ts';
    }, 'the lock to be given back');
    // What was there before the call is none of it.
    await one.call('start_task', start, made(0));
    await one.call('end_task', { summary: 'no' }, made(60_000));
    expect(await tasksOf(one.agentId)).toMatchObject([{ task: 'Cancelled', files_locked: ['src/death.ts'] }]);
    await one.call('start_task', start, made(60_000));
    await waitUntil(async () => (await tasksOf(one.agentId)).length === 0, 'the task to be gone');
    const { session_id } = await one.call<Started>('start_task', { task: 'Next', files: ['src/death.ts'] });
    expect(session_id).toMatch(/^sess_/);
    await one.call('end_task', { summary: 'done' });
  });
});

test.each([8, 60])('a cancelled call whose server is killed %i ms after it leaves nothing behind', async (ms) => {
  const env = { POPSTASH_DATA_DIR: createDataFolder() };
  const project = await createGuardedRepository(env);
  const one = await startHookedClient({ env, cwd: project });
  const two = await startHookedClient({ env, cwd: project, name: 'cursor-vscode' });
  const cancelled = one.cancel('start_task', { task: 'Not this', files: ['src/a.ts', 'src/b.ts'] }, ms);
  await new Promise((resolve) => setTimeout(resolve, ms));
  killServer(env.POPSTASH_DATA_DIR);
  await cancelled;
  await one.call('ping');
  await waitUntil(async () => {
    const { active_agents } = await two.call<Working>('who_is_working');
    return active_agents.length === 0;
  }, 'nothing to be left');
  const free = await two.call<Started>('start_task', { task: 'Mine', files: ['src/a.ts', 'src/b.ts'] });
  expect(free.locks.conflicts).toEqual([]);
  await Promise.all([one.close(), two.close()]);
});
