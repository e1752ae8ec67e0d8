// A project keeps its memory when its folder moves, becomes a repository, or is cloned again after it is gone.
import { mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createVisitors } from '../../support/processes/project-places.js';
import { createFolder } from '../../support/setup/folders.js';
import { createRepository, git } from '../../support/setup/repositories.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const { decide, decideWith, find, projects } = createVisitors();
const QUIET: [string[], string[]] = [[], []];

/** An empty folder within one that may be renamed too. */
function createPlace(): { above: string; place: string } {
  const above = join(realpathSync(createFolder()), 'above');
  const place = join(above, 'place');
  mkdirSync(place, { recursive: true });
  return { above, place };
}

describe('a repository', () => {
  test('keeps its memory when it is renamed, and when a folder above is', async () => {
    const { above, place } = createPlace();
    createRepository(place);
    await decide(place, 'before');
    renameSync(place, join(above, 'other'));
    expect(await find(join(above, 'other'))).toEqual({ decisions: ['before'], asked: QUIET });
    await decide(join(above, 'other'), 'between');
    renameSync(above, `${above}-2`);
    expect(await find(join(`${above}-2`, 'other'))).toEqual({ decisions: ['before', 'between'], asked: QUIET });
  });

  test('does not meet another one that comes to its former place, whoever of the two is used first', async () => {
    for (const isNewFirst of [true, false]) {
      const { above, place } = createPlace();
      createRepository(place);
      await decide(place, 'moved');
      const moved = join(above, 'moved');
      renameSync(place, moved);
      createRepository(place, ['another.md']);
      if (!isNewFirst) expect((await find(moved)).decisions).toEqual(['moved']);
      await decide(place, 'new');
      expect((await find(moved)).decisions).toEqual(['moved']);
      expect((await find(place)).decisions).toEqual(['new']);
    }
  });

  test('keeps its memory when its git directory is separated', async () => {
    const { above, place } = createPlace();
    createRepository(place);
    await decide(place, 'before');
    git(place, 'init', '-q', `--separate-git-dir=${join(above, 'apart.git')}`);
    expect(await find(place)).toEqual({ decisions: ['before'], asked: QUIET });
  });

  test('that is cloned again is the same project once its former place is gone', async () => {
    const { above, place } = createPlace();
    const origin = createRepository(join(above, 'origin'));
    git(above, 'clone', '-q', origin, place);
    await decide(place, 'before');
    rmSync(place, { recursive: true });
    git(above, 'clone', '-q', origin, join(above, 'again'));
    expect(await find(join(above, 'again'))).toEqual({ decisions: ['before'], asked: QUIET });
  });

  test('is known by the commits that its agents made, and by those of the clone that it was cloned from', async () => {
    const { above, place } = createPlace();
    git(place, 'init', '-q');
    await decideWith(place, 'before', () => void createRepository(place));
    const isKnown = async () =>
      (await projects<{ rootCommits: string[] }>(above, 'show', place)).rootCommits.length > 0;
    await waitUntil(isKnown, 'the first commit, once its agent has gone');
    git(above, 'clone', '-q', place, join(above, 'clone'));
    rmSync(place, { recursive: true });
    expect(await find(join(above, 'clone'))).toEqual({ decisions: ['before'], asked: QUIET });
  });

  test('has one memory in all its worktrees, also when one or the repository is moved', async () => {
    const { above, place } = createPlace();
    createRepository(place);
    git(place, 'worktree', 'add', '-q', join(above, 'tree'));
    await decide(place, 'main');
    await decide(join(above, 'tree'), 'tree');
    git(place, 'worktree', 'move', join(above, 'tree'), join(above, 'moved-tree'));
    expect(await find(join(above, 'moved-tree'))).toEqual({ decisions: ['main', 'tree'], asked: QUIET });
    renameSync(place, join(above, 'moved'));
    // Its `.git` leads nowhere until git has repaired it.
    expect((await find(join(above, 'moved-tree'))).decisions).toEqual(['main', 'tree']);
    git(join(above, 'moved'), 'worktree', 'repair', join(above, 'moved-tree'));
    expect(await find(join(above, 'moved-tree'))).toEqual({ decisions: ['main', 'tree'], asked: QUIET });
    expect(await find(join(above, 'moved'))).toEqual({ decisions: ['main', 'tree'], asked: QUIET });
  });

  test('may be bare: its worktrees have one memory, which moves with it', async () => {
    const { above } = createPlace();
    const [origin, bare] = [createRepository(join(above, 'origin')), join(above, 'bare.git')];
    git(above, 'clone', '-q', '--bare', origin, bare);
    git(bare, 'worktree', 'add', '-q', '-b', 'one', join(above, 'one'));
    git(bare, 'worktree', 'add', '-q', '-b', 'two', join(above, 'two'));
    await decide(join(above, 'one'), 'one');
    expect((await find(join(above, 'two'))).decisions).toEqual(['one']);
    renameSync(bare, join(above, 'renamed.git'));
    git(join(above, 'renamed.git'), 'worktree', 'repair', join(above, 'one'), join(above, 'two'));
    expect(await find(join(above, 'two'))).toEqual({ decisions: ['one'], asked: QUIET });
    expect(await find(join(above, 'renamed.git'))).toEqual({ decisions: ['one'], asked: QUIET });
  });

  test('within another one keeps its own memory, also when that is moved', async () => {
    const { above, place } = createPlace();
    const module = createRepository(join(above, 'module'));
    createRepository(place);
    git(place, 'submodule', '--quiet', 'add', module, 'within');
    await decide(place, 'outer');
    await decide(join(place, 'within'), 'inner');
    renameSync(place, join(above, 'moved'));
    expect((await find(join(above, 'moved', 'within'))).decisions).toEqual(['inner']);
    expect((await find(join(above, 'moved'))).decisions).toEqual(['outer']);
  });
});

describe('a plain folder', () => {
  test('keeps its memory when it is renamed, and when a folder above is', async () => {
    const { above, place } = createPlace();
    await decide(place, 'before');
    renameSync(place, join(above, 'other'));
    expect((await find(join(above, 'other'))).decisions).toEqual(['before']);
    renameSync(above, `${above}-2`);
    expect((await find(join(`${above}-2`, 'other'))).decisions).toEqual(['before']);
  });

  test('keeps its memory when it becomes a repository, here or with its git directory apart, and no longer is one', async () => {
    for (const apart of [false, true]) {
      const { above, place } = createPlace();
      await decide(place, 'plain');
      git(place, 'init', '-q', ...(apart ? [`--separate-git-dir=${join(above, 'apart.git')}`] : []));
      expect(await find(place)).toEqual({ decisions: ['plain'], asked: QUIET });
      rmSync(join(place, '.git'), { recursive: true });
      expect((await find(place)).decisions).toEqual(['plain']);
    }
  });

  test('keeps its memory when a folder above becomes a repository', async () => {
    const { above, place } = createPlace();
    await decide(place, 'plain');
    git(above, 'init', '-q');
    expect(await find(place)).toEqual({ decisions: ['plain'], asked: QUIET });
    expect((await find(above)).decisions).toEqual(['plain']);
  });

  test('gives its memory to the folders in it, which keep what they had of their own', async () => {
    const { above, place } = createPlace();
    const [within, own] = [join(place, 'a', 'b'), join(place, 'own')];
    for (const folder of [within, own]) mkdirSync(folder, { recursive: true });
    await decide(own, 'own');
    await decide(place, 'all');
    expect((await find(within)).decisions).toEqual(['all']);
    expect((await find(own)).decisions).toEqual(['own']);
    renameSync(place, join(above, 'moved'));
    expect((await find(join(above, 'moved', 'a', 'b'))).decisions).toEqual(['all']);
  });

  test('that comes to the former place of another one does not share its memory', async () => {
    const { above, place } = createPlace();
    await decide(place, 'moved');
    renameSync(place, join(above, 'moved'));
    expect((await find(join(above, 'moved'))).decisions).toEqual(['moved']);
    mkdirSync(place);
    await decide(place, 'new');
    expect((await find(join(above, 'moved'))).decisions).toEqual(['moved']);
    expect((await find(place)).decisions).toEqual(['new']);
  });
});
