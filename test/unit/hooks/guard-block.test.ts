// The hook that every ref of git waits for: what its shell decides alone. No program can be found here, so a line that needs
// one asks PopStash.
import { execFileSync, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { guardBlock } from '../../../src/hooks/guards/guard-block.js';
import { createFolder } from '../../support/setup/folders.js';
import { addWorktree, createRepository, git } from '../../support/setup/repositories.js';

const NONE = '0'.repeat(40);
const SCRIPT = guardBlock('reference-transaction', { setup: [], isThere: 'true', command: () => 'echo asked' });

let main: string;
let linked: string;
let first: string;
let second: string;
beforeAll(() => {
  main = createRepository();
  first = read(main, 'rev-parse', 'HEAD');
  linked = addWorktree(main, 'linked');
  git(main, 'commit', '-q', '--allow-empty', '-m', 'second');
  second = read(main, 'rev-parse', 'HEAD');
});

function read(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8' }).trim();
}

/** Runs the lines as git runs its hook. */
function isAsked(lines: string[], { cwd = main, state = 'prepared', env = {} } = {}): boolean {
  const input = `${lines.join('\n')}\n`;
  const options = { cwd, input, encoding: 'utf8', env: { PATH: '/nowhere', ...env } } as const;
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', SCRIPT, 'hook', state], options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout === 'asked prepared\n';
}

const gitDirOf = (folder: string) => read(folder, 'rev-parse', '--absolute-git-dir');

test('a new ref at the commit of HEAD needs no process: in the main checkout, a worktree, and without a branch', () => {
  expect(isAsked([`${NONE} ${second} refs/heads/new`, `${NONE} ${second} refs/tags/new`])).toBe(false);
  expect(isAsked([`${NONE} ${first} refs/heads/new`])).toBe(true);
  const inLinked = { cwd: linked, env: { GIT_DIR: gitDirOf(linked) } };
  expect(isAsked([`${NONE} ${first} refs/heads/new`], inLinked)).toBe(false);
  expect(isAsked([`${NONE} ${second} refs/heads/new`], inLinked)).toBe(true);
  git(linked, 'checkout', '-q', '--detach');
  expect(isAsked([`${NONE} ${first} HEAD`], inLinked)).toBe(false);
  expect(isAsked([`${first} ${second} HEAD`], inLinked)).toBe(true);
});

test('nor does what brings no commit', () => {
  expect(isAsked([`${first} ${NONE} refs/heads/old`])).toBe(false);
  expect(isAsked([`${first} ${first} refs/heads/old`])).toBe(false);
  expect(isAsked([`${NONE} ${first} refs/notes/commits`, `${NONE} ${first} refs/remotes/origin/main`])).toBe(false);
  expect(isAsked([`${NONE} ${first} refs/heads/new`], { state: 'committed' })).toBe(false);
  expect(isAsked([`${NONE} ${first} refs/heads/new`], { env: { GIT_QUARANTINE_PATH: 'x' } })).toBe(false);
});

test('one ref that may bring a commit is enough to ask', () => {
  expect(isAsked([`${NONE} ${second} refs/heads/new`, `${second} ${'1'.repeat(40)} refs/heads/main`])).toBe(true);
  expect(isAsked([`${second} ${'1'.repeat(40)} HEAD`, `${second} ${'1'.repeat(40)} refs/heads/main`])).toBe(true);
});

test('where no file tells the commit of HEAD, git is asked', () => {
  const packed = createRepository(join(realpathSync(createFolder()), 'packed'));
  const commit = read(packed, 'rev-parse', 'HEAD');
  git(packed, 'pack-refs', '--all');
  expect(isAsked([`${NONE} ${commit} refs/heads/new`], { cwd: packed })).toBe(true);
  const submodule = realpathSync(createFolder());
  expect(isAsked([`${NONE} ${commit} refs/heads/new`], { cwd: submodule })).toBe(true);
});
