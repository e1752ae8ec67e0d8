import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FILE_TASKS, LATER_TASKS } from '../../../src/app/files/file-task-list.js';
import { listForeignFolder } from '../../../src/files/read-foreign-file.js';
import { findSilentPlace, isWithinPlace } from '../../../src/files/silent-place.js';
import { walkForeignFolder } from '../../../src/files/walk-foreign-folder.js';
import { createFolder } from '../../support/setup/folders.js';
import { listRepositoryFiles, readRepositoryFile } from '../../support/setup/repository-files.js';

describe('the list of tasks', () => {
  const names = [...FILE_TASKS.map(({ name }) => name), ...Object.keys(LATER_TASKS)];

  it('has each task that is defined, once', () => {
    const sources = listRepositoryFiles().filter((path) => /^src\/.*\.ts$/.test(path));
    const defined = sources.flatMap((path) =>
      [...readRepositoryFile(path).matchAll(/defineFileTask\(\s*'([^']+)'/g)].map(([, name = '']) => name),
    );
    expect(defined.length).toBeGreaterThan(20);
    expect([...names].sort()).toEqual(defined.sort());
  });

  it('loads what is loaded later under the name by which it is asked for', async () => {
    for (const [name, load] of Object.entries(LATER_TASKS)) expect((await load()).name).toBe(name);
  });
});

describe('a folder that is not ours', () => {
  function createFull(): string {
    const top = createFolder();
    for (const folder of ['a', 'a/b', 'c']) mkdirSync(join(top, folder));
    for (let index = 0; index < 30; index += 1) writeFileSync(join(top, 'a', 'b', `${index}`), '');
    symlinkSync(join(top, 'a'), join(top, 'c', 'link'));
    return top;
  }
  const BOUNDS = { maxFiles: 1_000, maxEntries: 1_000, maxMs: 10_000 };

  it('is listed up to the bound', () => {
    const top = createFull();
    expect(listForeignFolder(join(top, 'a', 'b'), 10)).toHaveLength(10);
    expect(listForeignFolder(join(top, 'a', 'b'), 100)).toHaveLength(30);
    expect(listForeignFolder(join(top, 'none'), 100)).toEqual([]);
    expect(listForeignFolder(top, 100).every(({ kind }) => kind === 'folder')).toBe(true);
  });

  it('is walked without following links, up to each bound', () => {
    const top = createFull();
    expect(walkForeignFolder(top, BOUNDS)).toMatchObject({ isComplete: true, paths: { length: 31 } });
    expect(walkForeignFolder(top, { ...BOUNDS, maxFiles: 5 })).toMatchObject({
      isComplete: false,
      paths: { length: 5 },
    });
    const few = walkForeignFolder(top, { ...BOUNDS, maxEntries: 10 });
    expect([few.isComplete, few.paths.length <= 10]).toEqual([false, true]);
    expect(walkForeignFolder(top, { ...BOUNDS, maxMs: -1 })).toEqual({ paths: [], isComplete: false });
    expect(walkForeignFolder(top, { ...BOUNDS, enters: (name) => name !== 'b' }).paths).toHaveLength(1);
    expect(walkForeignFolder(top, { ...BOUNDS, wants: (path) => path.endsWith('7') }).paths).toHaveLength(3);
  });
});

it('what does not answer is the folder, on a disk of this machine', () => {
  const folder = createFolder();
  expect(findSilentPlace(folder)).toBe(folder);
  expect(isWithinPlace(join(folder, 'sub'), folder)).toBe(true);
  expect(isWithinPlace(`${folder}2`, folder)).toBe(false);
});
