import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { readForeignFile } from '../../../src/files/read-foreign-file.js';
import { createFile, replaceFile } from '../../../src/files/write-new-file.js';
import { findRepository, readBranch } from '../../../src/project/find-repository.js';

const folder = mkdtempSync(join(tmpdir(), 'ps-foreign-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const MAX = 1_000;

/** Things that are no small file, each made at a path. */
const HOSTILE: [string, (path: string) => void][] = [
  ['a pipe', (path) => execFileSync('mkfifo', [path])],
  ['a link to /dev/zero', (path) => symlinkSync('/dev/zero', path)],
  ['a link to itself', (path) => symlinkSync(path, path)],
  ['a folder', (path) => mkdirSync(path)],
  [
    'a sparse giant',
    (path) => {
      writeFileSync(path, '');
      truncateSync(path, 2 ** 40);
    },
  ],
  ['a file that is a byte too long', (path) => writeFileSync(path, 'x'.repeat(MAX + 1))],
  ['nothing', () => undefined],
];

describe('reading a foreign file', () => {
  it('takes a regular file up to the bound, through links too', () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'é'.repeat(MAX / 2));
    symlinkSync(path, join(folder, 'link'));
    expect(readForeignFile(join(folder, 'link'), MAX)).toBe('é'.repeat(MAX / 2));
    expect(readForeignFile('/proc/self/status', 100_000)).toMatch(/^Name:/);
  });

  it.each(HOSTILE)('does not take %s, and returns at once', (name, make) => {
    const path = join(folder, name.replaceAll(/\W/g, '-'));
    make(path);
    expect(readForeignFile(path, MAX)).toBeNull();
  });
});

describe('a repository', () => {
  const FILES = ['.git', '.git/HEAD', 'worktree/.git', 'worktree-git/commondir', 'worktree-git/HEAD'];
  it.each(FILES.flatMap((file) => HOSTILE.slice(0, 5).map(([name, make]) => [name, file, make] as const)))(
    'is looked for and left where %s stands in place of %s',
    (name, file, make) => {
      const top = mkdtempSync(join(folder, 'top-'));
      for (const made of ['worktree', 'worktree-git']) mkdirSync(join(top, made));
      if (file !== 'worktree/.git') writeFileSync(join(top, 'worktree', '.git'), 'gitdir: ../worktree-git\n');
      if (file.startsWith('.git/')) mkdirSync(join(top, '.git'));
      make(join(top, file));
      const from = file.startsWith('.git') ? top : join(top, 'worktree');
      expect(() => findRepository(from)).not.toThrow();
      expect(readBranch(from), name).toBeNull();
    },
  );
});

test('a file is written whole, and one of several that create it wins', () => {
  const path = join(folder, 'created');
  expect([createFile(path, 'first'), createFile(path, 'second')]).toEqual([true, false]);
  expect(readForeignFile(path, MAX)).toBe('first');
  replaceFile(path, 'third');
  expect(readForeignFile(path, MAX)).toBe('third');
});
