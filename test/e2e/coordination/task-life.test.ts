// A task from its beginning to its end, as hooks and calls of real processes see it, in both modes: cleared and compacted
// sessions, subagents, a process that dies, turns that end.
import { beforeAll, describe, expect, test } from 'vitest';
import { estimateTokens } from '../../../src/text/estimate-tokens.js';
import type { Started } from '../../support/locks/team.js';
import { createGuardedRepository } from '../../support/processes/guarded-repository.js';
import { type HookAnswer, type HookedClient, startHookedClient } from '../../support/processes/hooked-client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { waitUntil } from '../../support/setup/wait-until.js';

interface Working {
  active_agents: { agent_id: string; task: string | null; files_locked: string[] }[];
}

const contextOf = ({ said }: HookAnswer): string => said?.hookSpecificOutput?.additionalContext ?? '';
const isDenied = ({ said }: HookAnswer) => said?.hookSpecificOutput?.permissionDecision === 'deny';

describe.each(['embedded', 'server'] as const)('the life of a task, %s mode', (mode) => {
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

  test('a session that begins, is cleared or compacted is told its task, locks, stash, decisions and who works', async () => {
    for (let number = 1; number <= 20; number += 1) {
      const decision = `Number ${number} of the rules that bind whoever works here, in some more words than it needs`;
      await two.call('decide', { topic: `rule ${number}`, decision });
    }
    await one.call('stash', { name: 'half-way', summary: 'The parser is done; next comes the printer.' });
    const { session_id } = await one.call<Started>('start_task', {
      task: 'Refactor auth',
      files: ['src/auth.ts', 'lib/**'],
    });
    await two.call('start_task', { task: 'Move the tables', files: ['db/**'] });
    for (const [source, session] of [
      ['startup', undefined],
      ['compact', undefined],
      ['clear', `cleared-${mode}`],
    ] as const) {
      const text = contextOf(await one.hook('session-start', { source, ...(session && { session_id: session }) }));
      expect(text).toContain(`Your own task goes on: "Refactor auth" (${session_id}`);
      expect(text).toContain('You hold lib/**, src/auth.ts.');
      expect(text).toContain('end_task');
      expect(text).toContain('"half-way"');
      // The newest, though nothing in it is near the words of the task.
      expect(text).toContain('- "rule 20": "Number 20 ');
      expect(text).toContain('more (get_decisions)');
      expect(text).toContain('task "Move the tables"); holds db/**');
      expect(text).not.toContain(one.agentId);
      expect(estimateTokens(text)).toBeLessThanOrEqual(600);
    }
    // It is no conflict with itself.
    const again = await one.call<Started>('start_task', {
      task: 'Refactor auth and log',
      files: ['src/auth.ts', 'src/log.ts'],
    });
    expect(again).toMatchObject({ session_id, continued_task: 'Refactor auth', locks: { conflicts: [] } });
    expect(again.context?.other_agents.map(({ id }) => id)).not.toContain(one.agentId);
    await Promise.all([one.call('end_task', { summary: 'done' }), two.call('end_task', { summary: 'done' })]);
  });

  test('the context stays in its budget, whatever was stored', async () => {
    const long = '長い決定の文章がここに続いている'.repeat(40);
    await two.call('decide', { topic: `topic ${'t'.repeat(150)}`, decision: long });
    await one.call('stash', { name: `long ${'n'.repeat(100)}`, summary: long });
    const files = Array.from({ length: 80 }, (_, index) => `src/${'folder/'.repeat(12)}file-${index}.ts`);
    await one.call('start_task', { task: long, files });
    await two.call('start_task', { task: long, files: files.map((file) => `other/${file}`) });
    const text = contextOf(await one.hook('session-start', { source: 'compact' }));
    expect(text).toContain('Your own task goes on');
    expect(estimateTokens(text)).toBeLessThanOrEqual(600);
    await Promise.all([one.call('end_task', { summary: 'done' }), two.call('end_task', { summary: 'done' })]);
  });

  test('a subagent has a task of its own, known by the id of its call', async () => {
    const mine = await one.call<Started>('start_task', { task: 'The whole', files: ['src/whole.ts'] });
    const first = await one.callAs<Started>('sub-1', 'start_task', { task: 'One half', files: ['src/half.ts'] });
    expect(first.locks.conflicts).toEqual([]);
    expect(first.session_id).not.toBe(mine.session_id);
    expect(first.context?.other_agents.map(({ id }) => id)).not.toContain(one.agentId);
    expect((await tasksOf(one.agentId)).map(({ task }) => task).sort()).toEqual(['One half', 'The whole']);
    // Another subagent is kept out, the parent is not.
    const second = await one.callAs<Started>('sub-2', 'start_task', { task: 'Other half', files: ['src/half.ts'] });
    expect(second.locks).toMatchObject({ acquired: [], conflicts: [{ file: 'src/half.ts' }] });
    expect(second.suggestion).not.toContain('end_task');
    expect(
      (await one.call<Started>('start_task', { task: 'The whole', files: ['src/half.ts'] })).locks.conflicts,
    ).toEqual([]);
    // What it ends is its own.
    const ended = await one.callAs<{ session_id: string }>('sub-1', 'end_task', { summary: 'Half is done' });
    expect(ended.session_id).toBe(first.session_id);
    expect((await tasksOf(one.agentId)).map(({ task }) => task)).toContain('The whole');
    await one.hook('subagent-stop', { agent_id: 'sub-2', agent_type: 'Explore' });
    await one.call('end_task', { summary: 'done' });
    expect(await tasksOf(one.agentId)).toEqual([]);
  });

  test("what a subagent claimed before its parent's task is no conflict for the parent", async () => {
    await one.edit('src/early.ts', { agent_id: 'sub-early', agent_type: 'Explore' });
    const started = await one.call<Started>('start_task', { task: 'Later', files: ['src/early.ts'] });
    expect(started.locks).toMatchObject({ conflicts: [] });
    await one.hook('subagent-stop', { agent_id: 'sub-early', agent_type: 'Explore' });
    await one.call('end_task', { summary: 'done' });
  });

  test('after the death of its process a task goes on in the session that resumes, with what is free', async () => {
    const session = `resumed-${mode}`;
    const before = await startHookedClient({ env, cwd: project, session });
    await before.hook('session-start', { source: 'startup' });
    const files = ['src/mine.ts', 'src/taken.ts', 'deep/**'];
    const { session_id } = await before.call<Started>('start_task', { task: 'Long work', files });
    await before.killServer();
    await waitUntil(async () => {
      const { locks } = await two.call<Started>('start_task', { task: 'Took one', files: ['src/taken.ts'] });
      return locks.conflicts.length === 0;
    }, 'the file to be free');

    const other = await startHookedClient({ env, cwd: project, session: `other-${mode}` });
    expect(contextOf(await other.hook('session-start', { source: 'startup' }))).not.toContain('Long work');

    const after = await startHookedClient({ env, cwd: project, session });
    const text = contextOf(await after.hook('session-start', { source: 'resume' }));
    expect(text).toContain(`"Long work" (${session_id}) ended with its process and goes on now`);
    expect(text).toContain('You hold again deep/**, src/mine.ts.');
    expect(text).toContain(`src/taken.ts by ${two.agentName} (cursor-vscode, `);
    expect(isDenied(await two.edit('src/mine.ts'))).toBe(true);
    expect(isDenied(await two.edit('deep/file.ts'))).toBe(true);
    expect(await tasksOf(after.agentId)).toMatchObject([
      { task: 'Long work', files_locked: ['deep/**', 'src/mine.ts'] },
    ]);
    const ended = await after.call<{ session_id: string; locks_released: string[] }>('end_task', { summary: 'done' });
    expect(ended).toMatchObject({ session_id, locks_released: ['deep/**', 'src/mine.ts'] });
    // A task that was completed does not go on.
    await after.close();
    const last = await startHookedClient({ env, cwd: project, session });
    expect(contextOf(await last.hook('session-start', { source: 'resume' }))).not.toContain('Long work');
    await Promise.all([last.close(), other.close(), before.close(), two.call('end_task', { summary: 'done' })]);
    await two.hook('stop');
  });

  test('without a hook at its start, the first start_task of the session goes on with the task', async () => {
    const session = `silent-${mode}`;
    const variables = { ...env, CLAUDE_CODE_SESSION_ID: session };
    const before = await startHookedClient({ env: variables, cwd: project, session });
    await before.call('start_task', { task: 'Silent work', files: ['src/silent.ts'] });
    await before.killServer();
    const after = await startHookedClient({ env: variables, cwd: project, session });
    const started = await after.call<Started>('start_task', { task: 'More work', files: ['src/more.ts'] });
    expect(started).toMatchObject({
      continued_task: 'Silent work',
      resumed: { task: 'Silent work', locks: ['src/silent.ts'], held_by_others: [] },
    });
    expect((await tasksOf(after.agentId))[0]?.files_locked).toEqual(['src/more.ts', 'src/silent.ts']);
    await Promise.all([after.close(), before.close()]);
  });

  test('the end of a turn tells how to end an open task, once', async () => {
    expect((await one.hook('stop')).said).toBeNull();
    await one.call('start_task', { task: 'Still open', files: ['src/open.ts'] });
    const stopped = await one.hook('stop', { stop_hook_active: false });
    expect(stopped.code).toBe(0);
    expect(contextOf(stopped)).toContain('"Still open"');
    expect(contextOf(stopped)).toContain('end_task');
    expect(contextOf(stopped)).toContain('src/open.ts');
    expect((await one.hook('stop', { stop_hook_active: true })).said).toBeNull();
    await one.call('end_task', { summary: 'done' });
    expect((await one.hook('stop', { stop_hook_active: false })).said).toBeNull();
  });

  test('notices come by hooks too, once over all ways', async () => {
    const { decision_id } = await two.call<{ decision_id: string }>('decide', { topic: 'cache', decision: 'Use none' });
    await one.call('get_decisions', { topic: 'cache' });
    await one.call('acquire', { patterns: ['src/lost.ts'] });
    await runCommand(['locks', 'release', 'src/lost.ts', '--force', '--reason', 'needed'], { env, cwd: project });
    const newer = await two.call<{ decision_id: string }>('decide', {
      topic: 'cache',
      decision: 'Use one',
      supersedes: decision_id,
    });
    await two.call('announce', { message: 'I move lib/' });
    // A subagent does not read what is its parent's.
    expect((await one.bash('true', { agent_id: 'sub-n', agent_type: 'Explore' })).said).toBeNull();
    let told = '';
    const text = await waitUntil(async () => {
      told += contextOf(await one.bash('true'));
      return told.includes(newer.decision_id) && told;
    }, 'the notices to come');
    expect(text).toContain('src/lost.ts');
    expect(text).toContain('needed');
    expect(text).toContain('I move lib/');
    expect(await one.call('ping')).not.toHaveProperty('notices');
    expect((await one.hook('prompt-submit', { prompt: 'Go on' })).said).toBeNull();

    await two.call('announce', { message: 'Once more' });
    const prompted = await one.hook('prompt-submit', { prompt: 'Go on' });
    expect(prompted.said.hookSpecificOutput.hookEventName).toBe('UserPromptSubmit');
    expect(contextOf(prompted)).toContain('Once more');
    expect((await one.bash('true')).said).toBeNull();
    expect(await one.call('ping')).not.toHaveProperty('notices');
  });

  test('of many deliveries at the same time one gives each notice', async () => {
    const messages = Array.from({ length: 4 }, (_, index) => `parallel ${index}`);
    for (const message of messages) await two.call('announce', { message });
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, () => one.hook('prompt-submit', { prompt: 'x' })),
      ...Array.from({ length: 3 }, () => one.bash('true')),
    ]);
    const told = [...answers.map(contextOf), JSON.stringify(await one.call('ping'))].join('\n');
    for (const message of messages) expect(told.split(message)).toHaveLength(2);
  });

  test('the notices of one hook take at most 400 tokens', async () => {
    const third = await startHookedClient({ env, cwd: project, name: 'talkative' });
    for (let number = 0; number < 8; number += 1) {
      await third.call('announce', { message: `Announcement ${number}: ${'many words of it '.repeat(30)}` });
    }
    await third.close();
    const text = contextOf(await one.hook('prompt-submit', { prompt: 'x' }));
    expect(text).toContain('Announcement');
    expect(text).toContain('More came than fits');
    expect(estimateTokens(text)).toBeLessThanOrEqual(400);
    await one.call('ping');
  });
});

describe('a session begins before its server runs', () => {
  test('the hook waits for the server that the client is starting', async () => {
    const env = { POPSTASH_DATA_DIR: createDataFolder() };
    const project = await createGuardedRepository(env);
    await runCommand(['down'], { env, cwd: project });
    const asking = await startHookedClient({ env, cwd: project, connected: false });
    const answer = asking.hook('session-start', { source: 'startup' });
    const starting = runCommand(['up'], { env, cwd: project });
    expect(contextOf(await answer)).toMatch(/No other agent is at work here now|could not say yet/);
    await starting;
    await asking.close();
  });

  test('without a server it says later within its time, and later tells it', async () => {
    const env = { POPSTASH_DATA_DIR: createDataFolder() };
    const asking = await startHookedClient({ env, connected: false });
    const answer = await asking.hook('session-start', { source: 'startup' });
    expect(answer).toMatchObject({ code: 0, stderr: '' });
    expect(contextOf(answer)).toContain('call start_task');
    expect((await asking.hook('prompt-submit', { prompt: 'x' })).said).toBeNull();
    await runCommand(['up'], { env });
    // While it still opens its storage it gives no verdict.
    const text = await waitUntil(
      async () => contextOf(await asking.hook('prompt-submit', { prompt: 'x' })),
      'a verdict',
    );
    expect(text).toContain('No other agent is at work');
    expect((await asking.hook('prompt-submit', { prompt: 'x' })).said).toBeNull();
    await asking.close();
  });
});
