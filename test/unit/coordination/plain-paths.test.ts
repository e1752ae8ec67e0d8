import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { placeTextTask } from '../../../src/coordination/locks/place-tasks.js';
import { findPlainPath } from '../../../src/coordination/plain-paths/find-plain-path.js';
import { locateProject } from '../../../src/project/locate-project.js';
import type { Workplace } from '../../../src/project/resolve-project.js';
import { createRandom, type Random } from '../../support/histories/random.js';
import { createFolder } from '../../support/setup/folders.js';
import { addWorktree, createRepository, git } from '../../support/setup/repositories.js';
import { waitUntil } from '../../support/setup/wait-until.js';

function speakIn(folder: string, isNamed = false): Workplace {
  const location = locateProject(folder, isNamed ? 'team' : undefined, '/nowhere');
  return { ...location, id: 'proj_0123456789abcdef', records: { dataDir: createFolder(), store: 'embedded' } };
}

const createPlainFolder = () => realpathSync(createFolder());

/** A worktree is learnt when it is first asked about. */
async function learn(speaker: Workplace): Promise<Workplace> {
  await waitUntil(
    async () => findPlainPath('no-such-folder-here/no-such-file', speaker) !== null,
    'the worktree to be learnt',
  );
  return speaker;
}

function place(text: string, speaker: Workplace) {
  const placing = placeTextTask.run(speaker.folder, text, speaker);
  return 'placed' in placing ? placing.placed : placing;
}

/** What the path as found at once stands for. */
function patternOf(text: string, speaker: Workplace) {
  const found = findPlainPath(text, speaker);
  if (!found) return null;
  const { path, isNew } = found;
  const { id, root, worktree } = speaker;
  return [
    { pattern: path, key: path, isGlob: false, literalPrefix: path, shown: path, board: id, root, worktree, isNew },
  ];
}

describe.skipIf(process.platform !== 'linux')('a plain path', () => {
  it.each<[string, () => string]>([
    ['a repository', () => createRepository()],
    ['a linked worktree', () => addWorktree(createRepository(), 'other')],
    ['a package of a repository', () => join(createRepository(), 'packages', 'a')],
    ['a plain folder', createPlainFolder],
  ])('of %s is placed at once, as a thread would', async (_, create) => {
    const speaker = await learn(speakIn(create()));
    for (const text of ['README.md', 'src/index.ts', 'src/new.ts', 'new/deep/x.test.ts', '.env']) {
      expect(patternOf(text, speaker), text).toEqual(place(text, speaker));
    }
  });

  it('of a project with a given name belongs to that one', async () => {
    const speaker = await learn(speakIn(createRepository(), true));
    expect(patternOf('src/index.ts', speaker)).toEqual(place('src/index.ts', speaker));
  });

  it.each([
    'src',
    'src/',
    './src/index.ts',
    '../a.ts',
    '/etc/hosts',
    'src/*.ts',
    'src/index.ts:12',
    '@src/index.ts',
    'a.ts, b.ts',
    'src/index.',
    'C:a',
    'link.ts',
    'linked/index.ts',
    'inner/a.ts',
    'nested/inner/b/new.ts',
    'pipe-free/..',
    'README.md/x',
    'é.ts',
    `${'d/'.repeat(70)}a.ts`,
  ])('is not %s: a thread looks at it', async (text) => {
    const top = createRepository();
    symlinkSync('src/index.ts', join(top, 'link.ts'));
    symlinkSync('src', join(top, 'linked'));
    for (const inner of ['inner', 'nested/inner']) createRepository(join(top, inner));
    const speaker = await learn(speakIn(top));
    expect(findPlainPath(text, speaker)).toBeNull();
  });

  it('is one of the top where a package has no such folder: a thread looks', async () => {
    const speaker = await learn(speakIn(join(createRepository(), 'packages', 'a')));
    expect(findPlainPath('packages/b/src/index.ts', speaker)).toBeNull();
  });

  it('counts what changed since: a folder that became a link or a repository, a file that became a folder', async () => {
    const top = createRepository();
    const speaker = await learn(speakIn(top));
    expect(findPlainPath('src/index.ts', speaker)).toEqual({ path: 'src/index.ts', isNew: false });
    rmSync(join(top, 'src', 'index.ts'));
    expect(findPlainPath('src/index.ts', speaker)).toEqual({ path: 'src/index.ts', isNew: true });
    mkdirSync(join(top, 'src', 'index.ts'));
    expect(findPlainPath('src/index.ts', speaker)).toBeNull();
    git(join(top, 'packages'), 'init', '-q');
    expect(findPlainPath('packages/a/src/index.ts', speaker)).toBeNull();
    renameSync(join(top, 'src'), join(top, 'moved'));
    symlinkSync('moved', join(top, 'src'));
    expect(findPlainPath('src/auth.ts', speaker)).toBeNull();
  });

  it('of a plain folder is none as soon as a repository is made in it or above', async () => {
    for (const at of ['.', '..']) {
      const folder = join(createPlainFolder(), 'project');
      mkdirSync(folder);
      const speaker = await learn(speakIn(folder));
      git(join(folder, at), 'init', '-q');
      expect(findPlainPath('a.ts', speaker), at).toBeNull();
    }
  });

  it('of a worktree that moved, and has left a link, is for a thread', async () => {
    const top = createRepository(join(createPlainFolder(), 'project'));
    const speaker = await learn(speakIn(top));
    renameSync(top, `${top}-moved`);
    symlinkSync(`${top}-moved`, top);
    expect(findPlainPath('src/index.ts', speaker)).toBeNull();
  });

  it('is none where its .git leads to another repository now', async () => {
    const top = addWorktree(createRepository(), 'other');
    const speaker = await learn(speakIn(top));
    writeFileSync(join(top, '.git'), `gitdir: ${join(createRepository(), '.git')}\n`);
    expect(findPlainPath('src/index.ts', speaker)).toBeNull();
  });

  it('is placed as a thread would place it in any tree', async () => {
    let compared = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = createRandom(seed);
      const top = createPlainFolder();
      if (random.chance(0.5)) git(top, 'init', '-q');
      growTree(random, top);
      const folder = random.chance(0.7) ? top : join(top, 'a');
      const speaker = speakIn(existsSync(folder) ? realpathSync(folder) : top);
      findPlainPath('a', speaker);
      await setImmediate();
      for (let count = 0; count < 40; count += 1) {
        const text = nameFile(random);
        const found = patternOf(text, speaker);
        if (found) compared += 1;
        if (found) expect(found, `seed ${seed}: ${text}`).toEqual(place(text, speaker));
      }
    }
    expect(compared).toBeGreaterThan(100);
  });
});

const NAMES = ['a', 'a', 'b', 'b', 'a.ts', 'HEAD', '.git', '...x'];

function nameFile(random: Random): string {
  return Array.from({ length: 1 + random.below(4) }, () => random.pick(NAMES)).join('/');
}

/** No link leads out of the tree: repositories are made behind links too. */
function growTree(random: Random, top: string): void {
  for (let count = 0; count < 15; count += 1) {
    const path = join(top, nameFile(random));
    try {
      mkdirSync(dirname(path), { recursive: true });
      const kind = random.below(5);
      if (kind === 0) symlinkSync(random.pick([join(top, 'a'), join(top, 'b', 'a'), 'nowhere', top]), path);
      else if (kind === 1) git(dirname(path), 'init', '-q');
      else if (kind === 2) mkdirSync(path);
      else writeFileSync(path, '');
    } catch {
      // Something else stands there.
    }
  }
}
