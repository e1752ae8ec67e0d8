// The guards beside managers of git's hooks, with the real programs: husky and lefthook from npm, pre-commit from Debian
// or the PATH. A guard stays where its manager keeps its own, and --undo restores every byte.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkDenials } from '../../src/hooks/doctor/check-denials.js';
import { findManager } from '../support/clients/hook-managers.js';
import { type HookedClient, startHookedClient } from '../support/processes/hooked-client.js';
import { runCommand } from '../support/processes/processes.js';
import { childEnvironment } from '../support/setup/environment.js';
import { createDataFolder, createFolder, MAIN } from '../support/setup/folders.js';

const dataFolder = createDataFolder();

/** A repository of a team, with the hooks that it is given, in a home of its own. */
function createTeam(files: Record<string, string> = {}) {
  const folder = realpathSync(createFolder());
  const home = realpathSync(createFolder('ps-home-'));
  const env = childEnvironment({ POPSTASH_DATA_DIR: dataFolder, HOME: home });
  const sh = (command: string, cwd = folder, change: Record<string, string> = {}) => {
    try {
      const options = { cwd, env: { ...env, ...change }, stdio: 'pipe', encoding: 'utf8' } as const;
      return { code: 0, said: execFileSync('/bin/sh', ['-c', `${command} 2>&1`], options) };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { code: status, said: stdout };
    }
  };
  const write = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    chmodSync(join(folder, path), mode);
  };
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  sh('git init -q -b main && git config user.name T && git config user.email t@example.invalid');
  for (const [path, text] of Object.entries({ 'src/held.ts': 'one\n', '.gitignore': 'node_modules\n', ...files }))
    write(path, text);
  sh('git add -A && git commit -qnm first');
  const init = async (args: string[] = [], cwd = folder) => {
    const answer = await runCommand(['init', '--yes', '--client', 'claude', ...args], { cwd, env });
    expect(answer.code, answer.stdout + answer.stderr).toBe(0);
    return answer.stdout;
  };
  const undo = async (cwd = folder) => (await runCommand(['init', '--undo', '--yes'], { cwd, env })).stdout;
  /** The state of each proof of doctor, by its name. */
  const prove = async () => {
    const states: Record<string, string> = {};
    for await (const check of checkDenials(env, MAIN, folder)) states[check.name] = `${check.state} ${check.detail}`;
    return states;
  };
  return { folder, home, env, sh, write, read, init, undo, prove };
}

type Team = ReturnType<typeof createTeam>;

/** Files, links and modes of a worktree and of what git shares, but for git's own. */
function readTree({ folder }: Team): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) =>
      !/^node_modules/.test(path) && (!path.startsWith('.git/') || /^\.git\/(hooks|popstash|config$|info)/.test(path)),
  );
  return Object.fromEntries(
    files.map((path) => {
      const full = join(folder, path);
      if (lstatSync(full).isSymbolicLink()) return [path, `link ${readlinkSync(full)}`];
      const stat = statSync(full);
      return [path, stat.isDirectory() ? 'folder' : `${stat.mode} ${readFileSync(full, 'utf8')}`];
    }),
  );
}

/** Another agent holds src/held.ts: what an agent's commit of it in this folder says. */
async function tryCommit({ env, folder }: Team, cwd = folder, how = 'git commit -qam x') {
  const options = { env, cwd };
  const [holder, other]: HookedClient[] = await Promise.all([
    startHookedClient(options),
    startHookedClient({ ...options, name: 'cursor-vscode' }),
  ]);
  await holder?.call('start_task', { task: 'Hold it', files: ['src/held.ts'] });
  await other?.hook('session-start');
  const answer = await other?.act(`echo x >> src/held.ts && ${how}`, cwd);
  await other?.act('git reset -q --hard; rm -f ran.log', cwd);
  await Promise.all([holder?.close(), other?.close()]);
  return { isRefused: answer?.code !== 0, said: `${answer?.stdout}${answer?.stderr}` };
}

const refusal = { isRefused: true, said: expect.stringContaining('PopStash refuses this commit') };
const lost = async ({ env, folder }: Team) => {
  const client = await startHookedClient({ env, cwd: folder });
  const { said } = await client.hook('session-start');
  await client.close();
  const status = await runCommand(['status'], { env, cwd: folder });
  return [said.hookSpecificOutput.additionalContext as string, status.stdout];
};
const GONE = /git guards are gone \(.*pre-commit/;

let husky: string;
let lefthook: string;
beforeAll(async () => {
  [husky, lefthook] = await Promise.all([findManager('husky'), findManager('lefthook')]);
});

describe('husky', () => {
  const team = () => {
    const made = createTeam({
      'package.json': '{"scripts":{"prepare":"husky"},"devDependencies":{"husky":"9"}}\n',
      '.husky/pre-commit': '# of the team\necho team >> ran.log\n',
    });
    mkdirSync(join(made.folder, 'node_modules'), { recursive: true });
    cpSync(husky, join(made.folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    return made;
  };
  const install = ({ sh }: Team) => expect(sh('npm run --silent prepare').code).toBe(0);

  test('the guard is in its files, names nothing of this machine, and stays after its install', async () => {
    const made = team();
    install(made);
    const before = readTree(made);
    await made.init();
    const text = made.read('.husky/pre-commit');
    expect(text).toContain('# of the team\necho team >> ran.log\n');
    expect(text).not.toMatch(/\/(tmp|usr|home|root|work)\b|node/);
    expect(statSync(join(made.folder, '.husky/pre-commit')).mode & 0o111).toBe(0);
    install(made);
    made.sh('git add -A && git commit -qnm guard');
    expect(await tryCommit(made)).toEqual(refusal);
    expect(await tryCommit(made, made.folder, 'git commit -qnam x')).toEqual(refusal);
    expect(await made.init()).toContain('as they should be');
    expect(await made.prove()).toMatchObject({
      'commit deny': expect.stringMatching(/^ok DENIED.*\.husky\/pre-commit$/),
      'merge deny': expect.stringMatching(/^ok/),
      'refs deny': expect.stringMatching(/^ok DENIED.*\.husky\/_\/reference-transaction$/),
    });
    await made.undo();
    expect(readTree(made)).toEqual(before);
  });

  test('before its install too: git reads its files later', async () => {
    const made = team();
    const before = readTree(made);
    await made.init();
    install(made);
    expect(await tryCommit(made)).toEqual(refusal);
    made.sh('git config --unset core.hooksPath && rm -rf .husky/_');
    await made.undo();
    expect(readTree(made)).toEqual(before);
  });

  test('a guard that it took away is told at the next session, in status and by doctor', async () => {
    const made = createTeam();
    await made.init();
    for (const said of await lost(made)) expect(said).not.toMatch(GONE);
    made.write('package.json', '{"scripts":{"prepare":"husky"}}\n');
    cpSync(husky, join(made.folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    install(made);
    const [context, status] = await lost(made);
    expect(context).toMatch(GONE);
    expect(context).toContain('Ask the user to run: popstash init');
    expect(status).toMatch(GONE);
    expect((await made.prove())['commit deny']).toMatch(/^broken no hook of git in .*\.husky\/_ asks/);
    await made.init();
    for (const said of await lost(made)) expect(said).not.toMatch(GONE);
    expect(await tryCommit(made)).toEqual(refusal);
  });
});

describe('lefthook', () => {
  const CONFIG = '# of the team\r\npre-commit:\r\n  jobs:\r\n    - name: team\r\n      run: echo team >> ran.log\r\n';
  const team = (files: Record<string, string> = {}) => {
    const made = createTeam({ 'lefthook.yml': CONFIG, ...files });
    cpSync(lefthook, join(made.folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    return made;
  };
  const install = ({ sh }: Team) => {
    const { code, said } = sh('node_modules/.bin/lefthook install');
    expect(code, said).toBe(0);
  };

  test.each([
    ['before its install', true],
    ['after its install', false],
  ])('the guard is in its local file, %s', async (_when, isFirst) => {
    const made = team();
    if (!isFirst) install(made);
    const before = readTree(made);
    await made.init();
    expect(made.read('lefthook.yml')).toBe(CONFIG);
    expect(made.read('lefthook-local.yml')).not.toMatch(/\/(tmp|usr|home|root|work)\b|node/);
    install(made);
    install(made);
    expect(made.read('.git/hooks/pre-commit')).toContain('call_lefthook');
    const refused = await tryCommit(made);
    expect(refused).toEqual(refusal);
    expect(refused.said).toContain('popstash');
    expect(await made.prove()).toMatchObject({
      'commit deny': expect.stringMatching(/^ok DENIED.*lefthook-local\.yml$/),
      'refs deny': expect.stringMatching(/^ok DENIED.*\.git\/hooks\/reference-transaction$/),
    });
    for (const said of await lost(made)) expect(said).not.toMatch(GONE);
    await made.undo();
    made.sh('node_modules/.bin/lefthook uninstall');
    if (!isFirst) install(made);
    expect(readTree(made)).toEqual(before);
  });

  test('what stands in the local file stays, with comments, order and line ends', async () => {
    const local =
      '# mine\r\nzebra: {}\r\npre-commit:\r\n  parallel: true # quick\r\n  commands:\r\n    mine:\r\n      run: "true"\r\n';
    const made = team({ 'lefthook-local.yml': local });
    const before = readTree(made);
    await made.init();
    const lines = made.read('lefthook-local.yml').split('\r\n');
    expect(lines).toEqual(expect.arrayContaining(local.split('\r\n')));
    expect(made.read('lefthook-local.yml')).not.toMatch(/[^\r]\n/);
    install(made);
    expect(await tryCommit(made)).toEqual(refusal);
    made.sh('node_modules/.bin/lefthook uninstall');
    await made.undo();
    expect(readTree(made)).toEqual(before);
  });
});

describe('pre-commit', () => {
  const CONFIG =
    '# of the team\nrepos:\n- repo: local\n  hooks:\n  - {id: team, name: team, language: system, entry: "true"}\n';
  const framework = () => findManager('pre-commit');

  test('the guard is in its configuration, and stays when it installs its hook over ours', async () => {
    await framework();
    const made = createTeam({ '.pre-commit-config.yaml': CONFIG });
    const before = readTree(made);
    await made.init();
    const text = made.read('.pre-commit-config.yaml');
    expect(text).toContain('entry: "true"');
    expect(text).not.toMatch(/\/(tmp|usr|home|root|work)\b/);
    for (const install of ['pre-commit install', 'pre-commit install -f']) {
      expect(made.sh(install).code).toBe(0);
      made.sh('git add -A && git commit -qnm config');
      const refused = await tryCommit(made);
      expect(refused).toEqual(refusal);
      expect(refused.said).toContain('PopStash guard');
      expect(await made.prove()).toMatchObject({
        'commit deny': expect.stringMatching(/^ok DENIED.*\.pre-commit-config\.yaml$/),
        'refs deny': expect.stringMatching(/^ok/),
      });
      for (const said of await lost(made)) expect(said).not.toMatch(GONE);
    }
    made.sh('pre-commit uninstall');
    await made.undo();
    expect(readTree(made)).toEqual(before);
  });

  test('a hook of ours that it kept beside its own is taken out by --undo', async () => {
    await framework();
    const made = createTeam();
    made.write('.git/hooks/pre-commit', '#!/bin/sh\necho mine\n', 0o755);
    await made.init();
    made.write('.pre-commit-config.yaml', CONFIG);
    expect(made.sh('pre-commit install').said).toContain('pre-commit.legacy');
    expect(await tryCommit(made)).toEqual(refusal);
    await made.undo();
    expect(made.read('.git/hooks/pre-commit.legacy')).toBe('#!/bin/sh\necho mine\n');
  });

  test('a person is warned once, whatever the manager shows', async () => {
    await framework();
    const made = createTeam({ '.pre-commit-config.yaml': CONFIG });
    await made.init();
    made.sh('pre-commit install -f && git add -A && git commit -qnm config');
    const holder = await startHookedClient({ env: made.env, cwd: made.folder });
    await holder.call('start_task', { task: 'Hold it', files: ['src/held.ts'] });
    const { code, said } = made.sh('echo x >> src/held.ts && git commit -qam person');
    expect(code, said).toBe(0);
    expect(said.match(/this commit passes, but agents are at work/g)).toHaveLength(1);
    const { notices } = await holder.call<{ notices: unknown[] }>('ping');
    expect(notices).toHaveLength(1);
    await holder.close();
  });
});

describe('hooks that are not ours alone', () => {
  test("another worktree's guard stays until the last one takes it out", async () => {
    const made = createTeam();
    made.write('.git/hooks/pre-commit', '#!/bin/sh\necho mine\n', 0o755);
    const before = readTree(made);
    const second = join(realpathSync(createFolder()), 'second');
    await made.init();
    made.sh(`git worktree add -q ${second}`);
    await made.init([], second);
    expect(await made.undo()).toContain(`stay for ${second}`);
    expect(await tryCommit(made, second)).toEqual(refusal);
    await made.init();
    expect(await made.undo(second)).toContain(`stay for ${made.folder}`);
    expect(await tryCommit(made)).toEqual(refusal);
    await made.undo();
    expect(readTree(made)).toEqual(before);
  });

  test('a worktree that is gone wants nothing', async () => {
    const made = createTeam();
    const before = readTree(made);
    const second = join(realpathSync(createFolder()), 'second');
    made.sh(`git worktree add -q ${second}`);
    await made.init([], second);
    await made.init();
    made.sh(`git worktree remove --force ${second}`);
    expect(await made.undo()).not.toContain('stay');
    expect(readTree(made)).toEqual(before);
  });

  test.each([
    ['of the user', (made: Team, folder: string) => made.sh(`git config --global core.hooksPath ${folder}`)],
    [
      'that this repository names outside itself',
      (made: Team, folder: string) => made.sh(`git config core.hooksPath ${folder}`),
    ],
    [
      'that a link leads to',
      (made: Team, folder: string) => made.sh(`rm -rf .git/hooks && ln -s ${folder} .git/hooks`),
    ],
  ])('hooks %s are not written; own hooks are offered, and run them', async (_whose, share) => {
    const made = createTeam();
    const shared = realpathSync(createFolder());
    writeFileSync(join(shared, 'pre-commit'), '#!/bin/sh\necho shared >> ran.log\n', { mode: 0o755 });
    writeFileSync(join(shared, 'commit-msg'), '#!/bin/sh\necho message >> ran.log\n', { mode: 0o755 });
    expect(share(made, shared).code).toBe(0);
    const before = readTree(made);
    const files = () => readdirSync(shared).map((name) => readFileSync(join(shared, name), 'utf8'));
    const theirs = files();
    const said = await made.init();
    expect(said).toContain(`git reads its hooks from ${shared}, which other repositories share`);
    expect(said).toContain('init --own-hooks');
    expect(files()).toEqual(theirs);
    expect((await made.prove())['commit deny']).toMatch(/^broken/);
    await made.init(['--own-hooks']);
    expect(files()).toEqual(theirs);
    expect(made.sh('git config core.hooksPath').said.trim()).toBe(join(made.folder, '.git/popstash/hooks'));
    expect(await tryCommit(made)).toEqual(refusal);
    expect((await made.prove())['commit deny']).toMatch(/^ok/);
    expect(made.sh('echo y > y && git add -A && git commit -qm y').code).toBe(0);
    expect(made.read('ran.log')).toBe('shared\nmessage\n');
    expect(await made.init()).toContain('as they should be');
    made.sh('rm -f ran.log && git reset -q --hard HEAD~1');
    await made.undo();
    expect(files()).toEqual(theirs);
    expect(readTree(made)).toEqual(before);
  });

  test.each([
    ['a file of the team', '../../tools/check.sh', 'tools/check.sh'],
    ['a file outside', null, null],
  ])(
    'a hook that is a link to %s: the file is not rewritten, and still runs under its own name',
    async (_what, target, path) => {
      const made = createTeam({ 'tools/check.sh': '#!/bin/sh\necho "$(basename "$0")" >> ran.log\n' });
      const outside = join(realpathSync(createFolder()), 'check.sh');
      cpSync(join(made.folder, 'tools/check.sh'), outside);
      const file = path === null ? outside : join(made.folder, path);
      chmodSync(file, 0o755);
      made.sh('git commit -qnam mode');
      symlinkSync(target ?? outside, join(made.folder, '.git/hooks/pre-commit'));
      const before = readTree(made);
      const text = readFileSync(file, 'utf8');
      await made.init();
      expect(readFileSync(file, 'utf8')).toBe(text);
      expect(made.sh('git status --porcelain tools').said).toBe('');
      expect(await tryCommit(made)).toEqual(refusal);
      expect(made.sh('echo y > y && git add -A && git commit -qm y').code).toBe(0);
      expect(made.read('ran.log')).toBe('pre-commit\n');
      expect(await made.init()).toContain('as they should be');
      made.sh('rm -f ran.log && git reset -q --hard HEAD~1');
      // Also where the record is gone.
      rmSync(join(made.folder, '.git/popstash/record.json'));
      await made.undo();
      expect(readTree(made)).toEqual(before);
    },
  );

  test('hooks in a folder of the team name nothing of this machine', async () => {
    const made = createTeam({ '.githooks/pre-commit': '#!/bin/sh\necho team\n' });
    made.sh('chmod +x .githooks/pre-commit && git config core.hooksPath .githooks && git commit -qnam mode');
    const before = readTree(made);
    await made.init();
    for (const name of ['pre-commit', 'pre-push', 'reference-transaction']) {
      expect(made.read(`.githooks/${name}`)).not.toMatch(/\/(tmp|usr|home|root|work)\b|node/);
    }
    expect(await tryCommit(made)).toEqual(refusal);
    expect(await tryCommit(made, made.folder, 'git commit -qnam x')).toEqual(refusal);
    await made.undo();
    expect(readTree(made)).toEqual(before);
    expect(existsSync(join(made.folder, '.git/popstash'))).toBe(false);
  });
});
