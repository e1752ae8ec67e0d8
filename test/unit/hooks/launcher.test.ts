// The launcher, run by a real shell: it finds Node and the program wherever they are now, or says in one line that it can't.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { sharedHookCommand } from '../../../src/hooks/install/launcher/launcher-path.js';
import { launcherTarget } from '../../../src/hooks/install/launcher/write-launcher.js';
import { createFolder } from '../../support/setup/folders.js';

let home: string;
let launcher: string;
let root: string;
let node: string;

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
}

/** A Node that only says what it is asked to run. */
function putNode(path: string): void {
  write(path, '#!/bin/sh\necho "$0 $*"\n', 0o755);
}

function putProgram(folder: string): void {
  for (const name of ['main.js', 'hook.cjs']) write(join(folder, 'dist', name), '');
}

beforeEach(() => {
  home = createFolder();
  launcher = join(home, '.local', 'share', 'popstash', 'bin', 'popstash');
  root = join(home, 'somewhere', "it's here");
  node = join(home, 'node-that-installed');
  putNode(node);
  putProgram(root);
  const { add } = launcherTarget({ path: launcher, root, node, major: 0, guard: 'advisory' });
  write(launcher, add(null), 0o755);
});

function run(args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(launcher, args, {
    encoding: 'utf8',
    env: { HOME: home, PATH: '/nowhere', ...env },
  });
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}

test('starts what has installed it, hooks by their own file', () => {
  expect(run(['mcp']).stdout).toBe(`${node} ${root}/dist/main.js mcp`);
  expect(run(['hook', 'stop', '--client', 'x y']).stdout).toBe(`${node} ${root}/dist/hook.cjs stop --client x y`);
});

describe('Node has moved', () => {
  beforeEach(() => rmSync(node));
  test.each([
    ['nvm', '.nvm/versions/node/v22.3.0/bin/node', {}],
    ['nvm elsewhere', 'n/versions/node/v24.1.0/bin/node', { NVM_DIR: 'n' }],
    ['Volta', '.volta/bin/node', {}],
    ['fnm', '.local/share/fnm/node-versions/v20.19.0/installation/bin/node', {}],
    ['fnm, its default', '.local/share/fnm/aliases/default/bin/node', {}],
    ['the PATH', 'bin/node', { PATH: 'bin' }],
    ['mise', '.local/share/mise/shims/node', {}],
  ])('%s', (_what, path, variables) => {
    putNode(join(home, path));
    const env = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, join(home, value)]));
    expect(run(['mcp'], env).stdout).toBe(`${join(home, path)} ${root}/dist/main.js mcp`);
  });

  test('an nvm with versions that are too old only', () => {
    putNode(join(home, '.nvm/versions/node/v18.3.0/bin/node'));
    putNode(join(home, 'bin', 'node'));
    expect(run(['mcp'], { PATH: join(home, 'bin') }).stdout).toContain(join(home, 'bin', 'node'));
  });
});

describe('the program has moved', () => {
  beforeEach(() => rmSync(root, { recursive: true }));
  test.each([
    ['kept by init', '.local/share/popstash/app/node_modules/popstash'],
    ['nvm', '.nvm/versions/node/v22.3.0/lib/node_modules/popstash'],
    ['Volta', '.volta/tools/image/packages/popstash/lib/node_modules/popstash'],
    ['fnm', '.local/share/fnm/node-versions/v22.3.0/installation/lib/node_modules/popstash'],
    ['npm prefix', '.npm-global/lib/node_modules/popstash'],
    ['npx', '.npm/_npx/0123abcd/node_modules/popstash'],
  ])('%s', (_what, path) => {
    putProgram(join(home, path));
    expect(run(['mcp']).stdout).toBe(`${node} ${join(home, path)}/dist/main.js mcp`);
  });

  test('the PATH names it by a link', () => {
    const package_ = join(home, 'lib', 'node_modules', 'popstash');
    putProgram(package_);
    mkdirSync(join(home, 'bin'));
    symlinkSync(join(package_, 'dist', 'main.js'), join(home, 'bin', 'popstash'));
    chmodSync(join(package_, 'dist', 'main.js'), 0o755);
    expect(run(['mcp'], { PATH: `${join(home, 'bin')}:/usr/bin:/bin` }).stdout).toBe(
      `${node} ${package_}/dist/main.js mcp`,
    );
  });

  test('nowhere: npx brings it for a server, with the same major version', () => {
    rmSync(node);
    putNode(join(home, 'tools', 'node'));
    putNode(join(home, 'tools', 'npx'));
    expect(run(['mcp'], { PATH: join(home, 'tools') }).stdout).toBe(`${home}/tools/npx -y popstash@0 mcp`);
    // A hook must not wait for a download.
    const hook = run(['hook', 'pre-tool-use'], { PATH: join(home, 'tools') });
    expect(hook).toEqual({
      status: 0,
      stdout: '',
      stderr: expect.stringMatching(/^popstash: [^\n]*npx -y popstash@0 init$/),
    });
  });
});

describe('nothing is there: one line, open or closed as set', () => {
  beforeEach(() => rmSync(root, { recursive: true }));
  test.each([
    [['hook', 'pre-tool-use'], '', 0],
    [['hook', 'pre-tool-use'], 'guarded', 2],
    [['hook', 'post-tool-use'], 'guarded', 0],
    [['hook', 'pre-tool-use'], 'off', 0],
    [['guard', 'pre-commit'], '', 0],
    [['guard', 'pre-commit'], 'guarded', 1],
    [['mcp'], '', 127],
    [['doctor'], 'guarded', 127],
  ])('%j with POPSTASH_GUARD=%s ends with %i', (args, guard, expected) => {
    const { status, stdout, stderr } = run(args, guard === '' ? {} : { POPSTASH_GUARD: guard });
    expect([status, stdout]).toEqual([expected, '']);
    expect(stderr).toMatch(/^popstash: [^\n]+$/);
  });
});

describe('the command of files that a team shares', () => {
  const ask = (env: Record<string, string>) =>
    execFileSync('/bin/sh', ['-c', `${sharedHookCommand()} stop`], { encoding: 'utf8', env, stdio: 'pipe' }).trim();

  test('runs the launcher of whoever it is', () => {
    expect(ask({ HOME: home })).toBe(`${node} ${root}/dist/hook.cjs stop`);
    expect(ask({ HOME: '/gone', XDG_DATA_HOME: join(home, '.local', 'share') })).toContain('hook.cjs stop');
    expect(ask({ HOME: '/gone', POPSTASH_DATA_DIR: dirname(dirname(launcher)) })).toContain('hook.cjs stop');
  });

  test('says nothing and lets pass where PopStash was never installed', () => {
    expect(ask({ HOME: '/gone' })).toBe('');
  });
});
