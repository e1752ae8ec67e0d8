import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { resolveFiles } from '../../../src/hooks/ask/resolve-files.js';
import { createFolder } from '../../support/setup/folders.js';

let top: string;
const resolve = (file: string, more: object = {}) =>
  resolveFiles({ cwd: top, files: [file], ...more }, { HOME: top, NAME: 'src', EMPTY: '' });

beforeAll(() => {
  top = createFolder();
  mkdirSync(join(top, 'src'));
  for (const name of ['auth.ts', '%61.ts', '$x.ts', '100%.ts']) writeFileSync(join(top, 'src', name), '');
  symlinkSync(top, join(top, 'link'));
});

test.each([
  ['src/auth.ts', ['src/auth.ts']],
  ['file://TOP/src/auth.ts', ['src/auth.ts']],
  ['FILE://localhostTOP/src/%61uth.ts', ['src/auth.ts']],
  ['file:TOP/src/auth.ts', ['src/auth.ts']],
  ['file://src/auth.ts', ['src/auth.ts']],
  ['file:src/a%75th.ts', ['src/auth.ts']],
  ['vscode-file://app TOP/src/auth.ts', null],
  ['vscode-userdata:TOP/src/auth.ts', ['vscode-userdata:TOP/src/auth.ts']],
  ['vscode-vfs://localTOP/src/a%75th.ts', ['src/auth.ts']],
  ['https://example.org/a.ts', null],
  ['~/src/auth.ts', ['src/auth.ts']],
  ['$HOME/src/auth.ts', ['src/auth.ts']],
  ['$' + '{NAME}/auth.ts', ['src/auth.ts']],
  ['%NAME%/auth.ts', ['src/auth.ts']],
  ['$NOTHING/auth.ts', ['$NOTHING/auth.ts']],
  ['src/a%75th.ts', ['src/a%75th.ts', 'src/auth.ts']],
  ['src/n%65w.ts', ['src/n%65w.ts', 'src/new.ts']],
  // What is there by that very name is meant.
  ['src/%61.ts', ['src/%61.ts']],
  ['src/$x.ts', ['src/$x.ts']],
  ['src/100%.ts', ['src/100%.ts']],
  ['nowhere/n%65w.ts', ['nowhere/n%65w.ts']],
])('%s', (written, expected) => {
  const { files, unread } = resolve(written.replaceAll('TOP', top));
  const absolute = expected?.map((path) => join(top, path.replaceAll('TOP', top)));
  expect(files.map((path) => join(path))).toEqual(absolute ?? []);
  expect(unread).toHaveLength(expected === null ? 1 : 0);
});

test("relative paths begin in the folder that the call names, and that one in the client's", () => {
  expect(resolve('auth.ts', { folder: 'src' }).files).toEqual([join(top, 'src/auth.ts')]);
  expect(resolve('auth.ts', { folder: join(top, 'src') }).files).toEqual([join(top, 'src/auth.ts')]);
  expect(resolve('auth.ts', { folder: '$HOME/src' }).files).toEqual([join(top, 'src/auth.ts')]);
  expect(resolve('/a.ts', { folder: 'src' }).files).toEqual(['/a.ts']);
  expect(resolve(pathToFileURL('/a.ts').href, { folder: 'src' }).files).toEqual(['/a.ts']);
});

test('another reading of a name counts where it is there', () => {
  const { files } = resolve('auth.ts', { perhaps: ['src/auth.ts', 'b/auth.ts'] });
  expect(files).toEqual([join(top, 'auth.ts'), join(top, 'src/auth.ts')]);
});
