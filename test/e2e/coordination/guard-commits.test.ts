// Every way of git to make a commit, with real git and the guards as init installs them: an agent's commit of a file that
// another agent holds does not get onto a branch, and what makes no commit is never refused.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GAPS, PASSING, REFUSED } from '../../support/locks/commit-ways.js';
import { type HookedClient, startHookedClient } from '../../support/processes/hooked-client.js';
import { runCommand } from '../../support/processes/processes.js';
import { childEnvironment } from '../../support/setup/environment.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';
import { ROOT } from '../../support/setup/repository-files.js';

const env = { POPSTASH_DATA_DIR: createDataFolder() };
let project: string;
let upstream: string;
let holder: HookedClient;
let other: HookedClient;

/** As a person in a terminal, below no client; with the guards of the repository, unless they are named away. */
function inTerminal(command: string, cwd = project, change: Record<string, string> = {}) {
  try {
    const options = { cwd, env: childEnvironment({ ...env, ...change }), stdio: 'pipe', encoding: 'utf8' } as const;
    return { code: 0, said: execFileSync('/bin/sh', ['-c', `${command} 2>&1`], options) };
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    return { code: status, said: stdout };
  }
}

const head = (ref = 'HEAD') => inTerminal(`git rev-parse ${ref}`).said.trim();
const act = async (command: string) => {
  const { code, stdout, stderr } = await other.act(command, project);
  return { code, said: stdout + stderr };
};

beforeAll(async () => {
  project = createFolder();
  mkdirSync(join(project, 'src'));
  for (const name of ['held', 'free', 'more'])
    writeFileSync(join(project, 'src', `${name}.ts`), 'one\ntwo\nthree\nfour\n');
  const setUp = [
    'git init -q -b main . && git config user.name Test && git config user.email test@example.invalid',
    'git add -A && git commit -qm first',
    // Commits that were made before anything was held.
    'git checkout -qb feature && echo feature >> src/held.ts && git commit -qam "feature held"',
    'echo feature >> src/free.ts && git commit -qam "feature free"',
    'git format-patch -q -1 HEAD~1 --stdout > .git/held.patch',
    'git checkout -q main && sed -i s/one/main/ src/held.ts && git commit -qam "main held"',
    'echo main >> src/more.ts && git commit -qam "main more"',
  ];
  for (const command of setUp) expect(inTerminal(command)).toMatchObject({ code: 0 });
  upstream = join(createFolder(), 'upstream');
  inTerminal(
    `git clone -q . ${upstream} && cd ${upstream} && git branch -q feature origin/feature && git config user.name U && git config user.email u@u.invalid`,
  );
  inTerminal('echo upstream >> src/held.ts && git commit -qam "upstream held"', upstream);
  expect(await runCommand(['init', '--yes', '--client', 'claude'], { env, cwd: project })).toMatchObject({ code: 0 });
  inTerminal('git add -A && git commit -qm "files of init"');
  holder = await startHookedClient({ env, cwd: project });
  other = await startHookedClient({ env, cwd: project, name: 'cursor-vscode' });
  await holder.call('start_task', { task: 'Refactor auth', files: ['src/held.ts'] });
  await other.hook('session-start');
});

let main: string;
beforeEach(() => {
  main = head();
  return () => {
    expect(inTerminal('git checkout -qf main && git reset -q --hard').code).toBe(0);
    inTerminal(`git reset -q --hard ${main}`);
    expect(head()).toBe(main);
  };
});

describe('an agent does not get a held file into a branch', () => {
  test.each(REFUSED)('%s', async (_name, command, back) => {
    const before = inTerminal('git for-each-ref refs/heads refs/tags').said;
    const { code, said } = await act(command.replace('UPSTREAM', upstream));
    expect(code, said).not.toBe(0);
    expect(said).toContain('PopStash refuses this commit');
    expect(said).toContain(`src/held.ts is held by ${holder.agentName} (claude-code`);
    expect(said).toContain('ask the user');
    expect(said).not.toMatch(/--force|POPSTASH_OVERRIDE|server does not answer/);
    // Other commits of the same command may be there; none with the file.
    if (!/&& git commit -qam x/.test(command))
      expect(inTerminal('git for-each-ref refs/heads refs/tags').said).toBe(before);
    if (back === '') return;
    expect(said).toContain(`go back to what was before: ${back}`);
    const undone = await act(back);
    expect(undone.code, undone.said).toBe(0);
    expect(inTerminal('git status --porcelain --branch').said).toMatch(/^## (main|feature)\n$/);
  });
});

describe('nothing else is refused or slowed down by a question', () => {
  test.each(PASSING)('%s', async (_name, command) => {
    const { code, said } = await act(command.replace('UPSTREAM', upstream));
    expect(
      said.replace(
        /^(Deleted tag|Updated tag|On branch|Dropped|Changes not|Switched|Removing note| {2}\(use|\t|no changes).*\n|\n/gm,
        '',
      ),
    ).toBe('');
    expect(code).toBe(0);
  });

  test("the holder's own commits, in whatever way, and pushes of what was let pass", async () => {
    const own = await holder.act(
      'echo own >> src/held.ts && git commit -qnam own && git cherry-pick feature~1',
      project,
    );
    expect(own.stderr + own.stdout).not.toContain('PopStash');
    const remote = join(createFolder(), 'remote.git');
    inTerminal(`git init -q --bare ${remote}`);
    await other.act('git reset -q --hard HEAD && echo x >> src/free.ts && git commit -qnam free', project);
    expect(await act(`git push -q ${remote} HEAD:refs/heads/main`)).toEqual({ code: 0, said: '' });
  });
});

describe('what docs/enforcement.md says of commits', () => {
  test.each(GAPS)('%s is not caught', async (_name, command) => {
    const { code, said } = await act(command.replace('UPSTREAM', upstream));
    expect(code, said).toBe(0);
    expect(said).not.toContain('PopStash refuses');
    expect(inTerminal(`git diff --name-only ${main} main`).said).toContain('src/held.ts');
  });

  test('it lists these and no others', () => {
    const page = readFileSync(join(ROOT, 'docs', 'enforcement.md'), 'utf8');
    const listOf = (heading: string) => {
      const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
      return [...section.matchAll(/^- (.+?)(?:: .*)?$/gm)].map(([, name = '']) => name.replaceAll('`', ''));
    };
    expect(listOf('Ways to commit that are refused')).toEqual(REFUSED.map(([name]) => name));
    expect(listOf('Ways to commit that are not caught')).toEqual(GAPS.map(([name]) => name));
  });
});

describe('a person', () => {
  test('is warned once, and the holder is told once', async () => {
    await holder.call('ping');
    const commit = inTerminal('echo x >> src/held.ts && git commit -qam person');
    expect(commit.code).toBe(0);
    expect(commit.said.match(/this commit passes, but agents are at work/g)).toHaveLength(1);
    const { notices } = await holder.call<{ notices: { kind: string }[] }>('ping');
    expect(notices.filter(({ kind }) => kind === 'guard_override')).toHaveLength(1);
    const picked = inTerminal(`git reset -q --hard ${main} && git cherry-pick feature~1`);
    expect(picked).toMatchObject({
      code: 0,
      said: expect.stringContaining('this commit passes, but agents are at work'),
    });
    expect((await holder.call<{ notices: unknown[] }>('ping')).notices).toHaveLength(1);
  });

  test('is refused in guarded mode, unless with a reason', () => {
    // Of the same second and committer it would be the very commit that the test before has made.
    const pick = 'GIT_COMMITTER_NAME=Other git cherry-pick feature~1';
    const refused = inTerminal(pick, project, { POPSTASH_GUARD: 'guarded' });
    expect(refused.code).not.toBe(0);
    expect(refused.said).toContain('POPSTASH_OVERRIDE="reason"');
    inTerminal('git cherry-pick --abort');
    expect(inTerminal(pick, project, { POPSTASH_GUARD: 'guarded', POPSTASH_OVERRIDE: 'agreed' }).code).toBe(0);
  });

  test('may turn the guard off, in its terminal or in what it types into a client', async () => {
    await holder.call('ping');
    const commit = 'echo x >> src/held.ts && POPSTASH_GUARD=off git commit -qam off';
    expect(inTerminal(commit)).toEqual({ code: 0, said: '' });
    inTerminal(`git reset -q --hard ${main}`);
    expect(await other.run(commit, project)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await holder.call<{ notices?: unknown[] }>('ping')).notices ?? []).toEqual([]);
  });

  test('turns it off for an agent by the environment of its client', async () => {
    const off = await startHookedClient({
      env: { ...env, POPSTASH_GUARD: 'off' },
      cwd: project,
      name: 'cursor-vscode',
    });
    const commit = 'echo x >> src/held.ts && git commit -qam off';
    expect(await off.act(commit, project)).toMatchObject({ code: 0, stderr: '' });
    await off.close();
    const unheard = await startHookedClient({ env, cwd: project, name: 'cursor-vscode' });
    inTerminal(`git reset -q --hard ${main}`);
    const tried = await unheard.run(commit.replace('git commit', 'POPSTASH_GUARD=off git commit'), project);
    expect(tried.stderr).toContain('PopStash refuses this commit');
    await unheard.close();
  });

  test('without a server: passes without a word, and is refused in guarded mode', () => {
    const away = { POPSTASH_DATA_DIR: createFolder() };
    const hook = join(project, '.git/hooks/reference-transaction');
    const text = readFileSync(hook, 'utf8');
    const flag = (dataDir: string) => `--data-dir ${dataDir}`;
    writeFileSync(hook, text.replaceAll(flag(env.POPSTASH_DATA_DIR), flag(away.POPSTASH_DATA_DIR)));
    // Each with a message of its own: within one second two alike would be one commit.
    const commit = (message: string) => `echo x >> src/held.ts && git commit -qnam ${message}`;
    const passed = inTerminal(commit('passes'), project, away);
    inTerminal(`git reset -q --hard ${main}`);
    const refused = inTerminal(commit('refused'), project, { ...away, POPSTASH_GUARD: 'guarded' });
    const off = inTerminal('git commit -qnam off', project, { ...away, POPSTASH_GUARD: 'off' });
    writeFileSync(hook, text);
    expect(passed).toEqual({ code: 0, said: '' });
    expect(refused.said).toContain("PopStash can't tell whether these files are free");
    expect(refused.code).not.toBe(0);
    expect(off).toEqual({ code: 0, said: '' });
    rmSync(away.POPSTASH_DATA_DIR, { recursive: true });
  });
});
