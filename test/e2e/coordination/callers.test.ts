// Who frees a lock, commits and pushes: a person or an agent, as found by the process tree, with real git,
// real guards and real processes.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGuardedRepository } from '../../support/processes/guarded-repository.js';
import { type HookedClient, startHookedClient } from '../../support/processes/hooked-client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { childEnvironment, type EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder, createFolder, MAIN } from '../../support/setup/folders.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const POPSTASH = `"${process.execPath}" "${MAIN}"`;
const FREE = `${POPSTASH} locks release src/a.ts --force --reason "it is in my way"`;
/** A commit that no hook of git sees. */
const PAST_THE_GUARD = 'git -c core.hooksPath=/dev/null commit -qam past';

describe.each(['embedded', 'server'] as const)('callers in %s mode', (mode) => {
  let env: EnvironmentChange;
  let project: string;
  let holder: HookedClient;
  let other: HookedClient;

  beforeAll(async () => {
    env = { POPSTASH_DATA_DIR: createDataFolder() };
    if (mode === 'server') env = { ...env, DATABASE_URL: (await createTestDatabase()).url };
  });

  beforeEach(async () => {
    project = await createGuardedRepository(env, ['src/a.ts', 'src/b.ts']);
    holder = await startHookedClient({ env, cwd: project });
    other = await startHookedClient({ env, cwd: project, name: 'cursor-vscode' });
    await holder.call('start_task', { task: 'Refactor auth', files: ['src/a.ts'] });
    await other.hook('session-start');
  });

  afterEach(async () => {
    await Promise.all([holder.close(), other.close()]);
  });

  /** A command of a person in a terminal: below no client. */
  function inTerminal(command: string, change: EnvironmentChange = {}, cwd = project) {
    try {
      const options = { cwd, env: childEnvironment({ ...env, ...change }), stdio: 'pipe', encoding: 'utf8' } as const;
      const stdout = execFileSync('/bin/sh', ['-c', `${command} 2>&1`], options);
      return { code: 0, said: stdout };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { code: status, said: stdout };
    }
  }

  const held = async () => (await runCommand(['locks'], { env, cwd: project })).stdout;
  const write = (path: string, text = `${Math.random()}\n`) => writeFileSync(join(project, path), text);
  const noticesOf = async (client: HookedClient) =>
    (await client.call<{ notices?: { kind: string; message: string }[] }>('ping')).notices ?? [];

  test('no agent frees what another one holds: not in a call, not in the background, not by the words it is told', async () => {
    const conflict = await other.call<{ locks: { suggestion?: string } }>('start_task', {
      task: 'x',
      files: ['src/a.ts'],
    });
    const denied = await other.edit('src/a.ts');
    for (const told of [JSON.stringify(conflict), denied.stdout]) {
      expect(told).toContain('only a person can free it');
      expect(told).not.toMatch(/--force|POPSTASH_OVERRIDE|locks release/);
    }
    const refused = await other.act(FREE);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(
      `Only a person takes a lock from its holder, and ${other.agentName} (cursor-vscode, `,
    );
    expect(refused.stderr).toContain('ask the user');

    const log = join(createFolder(), 'log');
    await other.act(`(sleep 0.3; ${FREE}; echo ended) > ${log} 2>&1 &`);
    const said = await waitUntil(() => {
      const text = inTerminal(`cat ${log}`).said;
      return text.includes('ended') && text;
    }, 'the command in the background has ended');
    expect(said).toContain('Only a person takes a lock');
    expect(await held()).toContain('src/a.ts');
    const { activities } = await holder.call<{ activities: { type: string }[] }>('timeline');
    expect(activities.map(({ type }) => type)).not.toContain('lock_forced');
  });

  test('a person frees it: in a terminal, and in a client while no tool of it runs', async () => {
    expect((await other.run(FREE)).code).toBe(0);
    expect(await held()).toContain('No file is locked.');
    await holder.call('acquire', { patterns: ['src/a.ts'] });
    expect(inTerminal(FREE).code).toBe(0);
    expect((await noticesOf(holder))[0]?.message).toContain('it is in my way');
  });

  test('a client whose hooks were never heard runs its commands for its agent', async () => {
    const silent = await startHookedClient({ env, cwd: project, name: 'silent' });
    expect((await silent.run(FREE)).stderr).toContain('Only a person takes a lock');
    await silent.close();
  });

  test("an agent's commit of a held file is refused, with and without an override; a person's passes with a warning", async () => {
    write('src/a.ts');
    const commit = 'git add -A && git commit -qm change';
    const refused = await other.act(commit, project);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('git restore --staged FILE');
    expect(refused.stderr).toContain('ask the user');
    expect(refused.stderr).not.toMatch(/--force|POPSTASH_OVERRIDE/);
    const overridden = await other.act(`git add -A && POPSTASH_OVERRIDE="I must" git commit -qm change`, project);
    expect(overridden.code).not.toBe(0);
    expect(overridden.stderr).toContain('POPSTASH_OVERRIDE is for people');
    await noticesOf(holder);

    // The only agent forgot end_task.
    const passed = inTerminal(commit);
    expect(passed).toMatchObject({
      code: 0,
      said: expect.stringContaining('this commit passes, but agents are at work'),
    });
    expect(passed.said).toContain(`src/a.ts is held by ${holder.agentName} (claude-code, `);
    const notice = { kind: 'guard_override', message: expect.stringContaining('A person committed src/a.ts') };
    expect(await noticesOf(holder)).toEqual([expect.objectContaining(notice)]);
    write('src/a.ts');
    expect((await other.run(commit, project)).code).toBe(0);
  });

  test('in guarded mode a person is refused, with the way past; by a reason it passes, and the holder reads it', async () => {
    write('src/a.ts');
    const commit = 'git add -A && git commit -qm change';
    const refused = inTerminal(commit, { POPSTASH_GUARD: 'guarded' });
    expect(refused.code).not.toBe(0);
    expect(refused.said).toContain('POPSTASH_OVERRIDE="reason" git commit');
    expect(refused.said).toContain('popstash locks release src/a.ts --force');
    const reason = { POPSTASH_GUARD: 'guarded', POPSTASH_OVERRIDE: 'the release waits' };
    expect(inTerminal(commit, reason)).toMatchObject({
      code: 0,
      said: expect.stringContaining('passes by your override'),
    });
    expect((await noticesOf(holder))[0]?.message).toContain('the release waits');
    const { activities } = await holder.call<{ activities: { description: string }[] }>('timeline');
    expect(activities[0]?.description).toContain('Commit passed by an override: the release waits');
  });

  test('a push refuses what was committed while another agent held it, and nothing else', async () => {
    const remote = createRemote();
    const git = (command: string) => inTerminal(`git ${command}`);
    git(`remote add origin ${remote}`);
    expect(git('push -q origin main').code).toBe(0);

    // The holder's own commit, pushed while it holds the file: by itself, by another agent, by a person.
    write('src/a.ts');
    expect((await holder.act('git commit -qam own', project)).code).toBe(0);
    expect(await other.act('git push -q origin main', project)).toMatchObject({ code: 0, stderr: '' });

    // Committed before it was held.
    write('src/b.ts');
    expect((await other.act('git commit -qam before', project)).code).toBe(0);
    await holder.call('acquire', { patterns: ['src/b.ts'] });
    expect(await other.act('git push -q origin main', project)).toMatchObject({ code: 0, stderr: '' });

    // Committed past the guard while it is held.
    await untilNextSecond();
    write('src/a.ts');
    expect((await other.act(PAST_THE_GUARD, project)).code).toBe(0);
    const refused = await other.act('git push -q origin main', project);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(
      /src\/a\.ts was committed \([0-9a-f]{10}\) while [A-Z][a-z]+ \(claude-code, tmux %7, task "/,
    );
    expect(refused.stderr).toContain('which holds it still');
    expect(refused.stderr).not.toMatch(/restore --staged|--force|POPSTASH_OVERRIDE/);
    const overridden = await other.act('POPSTASH_OVERRIDE=now git push -q origin main', project);
    expect(overridden.code).not.toBe(0);

    // Checked again when its holder is done.
    await untilNextSecond();
    await holder.call('end_task', { summary: 'done' });
    expect((await other.act('git push -q origin main', project)).stderr).toContain('which has let go since');
    expect((await other.act('git commit -q --amend --no-edit && git push -q origin main', project)).code).toBe(0);

    // A person is warned.
    await holder.call('acquire', { patterns: ['src/a.ts'] });
    await untilNextSecond();
    write('src/a.ts');
    await other.act(PAST_THE_GUARD, project);
    expect(inTerminal('git push -q origin main', { POPSTASH_GUARD: 'guarded' }).code).not.toBe(0);
    expect(inTerminal('git push -q origin main')).toMatchObject({
      code: 0,
      said: expect.stringContaining('passes, but'),
    });
  });

  test('a push publishes what the remote does not have: by URL, to a fork, after a merge or rebase on upstream', async () => {
    const [upstream, fork] = [createRemote(), createRemote()];
    const git = (command: string) => inTerminal(`git ${command}`);
    // What the remotes have was committed past the guard, while it was held.
    await untilNextSecond();
    write('src/a.ts');
    await other.act(PAST_THE_GUARD, project);
    git(`push -q --no-verify ${upstream} main`);
    git(`push -q --no-verify ${fork} main`);
    const push = (where: string, branch: string) =>
      other.act(`git push -q ${where} HEAD:refs/heads/${branch}`, project);
    await other.act('git checkout -qb work', project);
    write('src/free.ts');
    expect((await other.act('git add -A && git commit -qm free', project)).code).toBe(0);
    expect(await push(upstream, 'by-url'), 'by URL').toMatchObject({ code: 0, stderr: '' });
    git(`remote add fork ${fork}`);
    expect(await push('fork', 'unfetched'), 'to an unfetched fork').toMatchObject({ code: 0, stderr: '' });

    // Others publish upstream what is held here.
    const colleague = createFolder();
    const steps = ['clone -q', 'config user.name C', 'config user.email c@example.invalid'];
    inTerminal(`git ${steps[0]} ${upstream} .`, {}, colleague);
    for (const step of steps.slice(1)) inTerminal(`git ${step}`, {}, colleague);
    inTerminal('echo theirs > src/lib.ts; git add -A; git commit -qm theirs; git push -q origin main', {}, colleague);
    await holder.call('acquire', { patterns: ['src/lib.ts'] });
    git(`remote add upstream ${upstream}`);
    await other.act('git fetch -q upstream && git merge -q --no-edit upstream/main', project);
    expect(await push('fork', 'merged'), 'after a merge').toMatchObject({ code: 0, stderr: '' });
    await other.act('git reset -q --hard HEAD~1', project);

    // A commit from before the lock gets a new time by a rebase.
    await holder.call('acquire', { patterns: ['src/free.ts'] });
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect((await other.act('git rebase -q upstream/main', project)).code).toBe(0);
    expect(await push('fork', 'rebased'), 'after a rebase').toMatchObject({ code: 0, stderr: '' });

    // One that was amended past the guard keeps the time of its author over both.
    write('src/free.ts');
    const amended = await other.act(
      `${PAST_THE_GUARD} --amend && git -c core.hooksPath=/dev/null rebase -q --force-rebase upstream/main`,
      project,
    );
    expect(amended.code, amended.stderr).toBe(0);
    expect((await push('fork', 'amended')).stderr).toMatch(/src\/free\.ts was committed \([0-9a-f]{10}\) while/);
  });

  test('what was committed in another worktree is not what is held in this one', async () => {
    const remote = createRemote();
    inTerminal(`git remote add origin ${remote}`);
    const worktree = join(createFolder(), 'second');
    inTerminal(`git worktree add -q -b feature ${worktree}`);
    writeFileSync(join(worktree, 'src/a.ts'), 'of another worktree\n');
    inTerminal(PAST_THE_GUARD, {}, worktree);
    expect(await other.act('git push -q origin feature', project)).toMatchObject({ code: 0, stderr: '' });
  });

  /** Git counts the time of a commit in whole seconds: one that begins later is after what was locked before. */
  function untilNextSecond(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 1_000 - (Date.now() % 1_000)));
  }

  function createRemote(): string {
    const folder = join(createFolder(), 'remote.git');
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', folder], { stdio: 'pipe' });
    return folder;
  }
});
