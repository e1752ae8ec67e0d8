// The guards beside managers of git's hooks, with the real programs: husky and lefthook from npm, pre-commit from the
// PATH or from PyPI. A guard stays where its manager keeps its own, and --undo restores every byte.
import { cpSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { findManager, modulesOf, pathOf } from '../../support/clients/hook-managers.js';
import { startHookedClient } from '../../support/processes/hooked-client.js';
import {
  createTeam,
  GONE,
  readTree,
  readWarnings,
  refusal,
  type Team,
  tryCommit,
} from '../../support/processes/team-repository.js';
import { createFolder } from '../../support/setup/folders.js';

let husky: string;
let lefthook: string;
beforeAll(async () => {
  [husky = '', lefthook = ''] = (await Promise.all([findManager('husky'), findManager('lefthook')])).map(modulesOf);
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
      'push deny': expect.stringMatching(/^ok DENIED.*\.husky\/pre-push$/),
    });
    await made.undo();
    expect(readTree(made)).toEqual(before);
  });

  test('in another worktree, where it is not installed, its files are not run: the guard is', async () => {
    const made = team();
    install(made);
    await made.init();
    made.sh('git add -A && git commit -qnm guard');
    const second = join(realpathSync(createFolder()), 'second');
    made.sh(`git worktree add -q ${second}`);
    const there = { ...made, folder: second };
    for (const said of await readWarnings(there)) expect(said).toMatch(GONE);
    await made.init([], second);
    for (const said of await readWarnings(there)) expect(said).not.toMatch(GONE);
    expect(made.sh('git status --porcelain .husky', second).said).toBe('');
    expect(await tryCommit(made, second)).toEqual(refusal);
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
    for (const said of await readWarnings(made)) expect(said).not.toMatch(GONE);
    made.write('package.json', '{"scripts":{"prepare":"husky"}}\n');
    cpSync(husky, join(made.folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    install(made);
    const [context, status] = await readWarnings(made);
    expect(context).toMatch(GONE);
    expect(context).toMatch(/Ask the user to run: .+ init\b/);
    expect(status).toMatch(GONE);
    expect((await made.prove())['commit deny']).toMatch(/^broken no hook of git in .*\.husky\/_ asks/);
    await made.init();
    for (const said of await readWarnings(made)) expect(said).not.toMatch(GONE);
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
      'push deny': expect.stringMatching(/^ok DENIED.*lefthook-local\.yml$/),
    });
    for (const said of await readWarnings(made)) expect(said).not.toMatch(GONE);
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
  const findPath = async () => ({ PATH: pathOf(await findManager('pre-commit')) });

  test('the guard is in its configuration, and stays when it installs its hook over ours', async () => {
    const made = createTeam({ '.pre-commit-config.yaml': CONFIG }, await findPath());
    const before = readTree(made);
    await made.init();
    const text = made.read('.pre-commit-config.yaml');
    expect(text).toContain('entry: "true"');
    expect(text).not.toMatch(/\/(tmp|usr|home|root|work)\b/);
    for (const install of ['pre-commit install', 'pre-commit install -f -t pre-commit -t pre-push']) {
      expect(made.sh(install).code).toBe(0);
      made.sh('git add -A && git commit -qnm config');
      const refused = await tryCommit(made);
      expect(refused).toEqual(refusal);
      expect(refused.said).toContain('PopStash guard');
      expect(await made.prove()).toMatchObject({
        'commit deny': expect.stringMatching(/^ok DENIED.*\.pre-commit-config\.yaml$/),
        'refs deny': expect.stringMatching(/^ok/),
        'push deny': expect.stringMatching(/^ok/),
      });
      for (const said of await readWarnings(made)) expect(said).not.toMatch(GONE);
    }
    made.sh('pre-commit uninstall -t pre-commit -t pre-push');
    await made.undo();
    expect(readTree(made)).toEqual(before);
  });

  test('a hook of ours that it kept beside its own is taken out by --undo', async () => {
    const made = createTeam({}, await findPath());
    made.write('.git/hooks/pre-commit', '#!/bin/sh\necho mine\n', 0o755);
    await made.init();
    made.write('.pre-commit-config.yaml', CONFIG);
    expect(made.sh('pre-commit install').said).toContain('pre-commit.legacy');
    expect(await tryCommit(made)).toEqual(refusal);
    await made.undo();
    expect(made.read('.git/hooks/pre-commit.legacy')).toBe('#!/bin/sh\necho mine\n');
  });

  test('a person is warned once, whatever the manager shows', async () => {
    const made = createTeam({ '.pre-commit-config.yaml': CONFIG }, await findPath());
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
