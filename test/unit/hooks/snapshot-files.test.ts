import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { normalizePattern } from '../../../src/globs/normalize-pattern.js';
import { listFiles } from '../../../src/hooks/policy/list-files.js';
import { createSnapshotter, findChanges, type Snapshot } from '../../../src/hooks/policy/snapshot-files.js';
import { createFolder } from '../../support/setup/folders.js';

let folder: string;
beforeEach(() => {
  folder = createFolder();
});

function write(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path);
  }
}

function git(...args: string[]): void {
  execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
}

async function read(...patterns: string[]): Promise<Snapshot> {
  const options = { worktree: folder, foldsCase: false, exists: () => null };
  return createSnapshotter(20_000).read(
    folder,
    patterns.map((pattern) => normalizePattern(pattern, options)),
  );
}

const pathsOf = ({ files }: Snapshot) => [...files.keys()].sort();

describe('in a repository', () => {
  beforeEach(() => {
    git('init', '-q');
    writeFileSync(join(folder, '.gitignore'), 'dist/\n*.log\n');
    write('src/a.ts', 'src/odd \n名.ts', 'src/tracked.log', 'dist/out.js', 'lib/deep/b.ts', 'lib/deep/skipped/c.ts');
    writeFileSync(join(folder, 'lib/deep/.gitignore'), 'skipped\n');
    git('add', '-f', 'src/a.ts', 'src/tracked.log');
  });

  it('ignored build output is no part of a snapshot; what is tracked all the same is, and new files are', async () => {
    write('src/new.log', 'src/new.ts', 'node_modules/x/index.js');
    expect(await read('**')).toMatchObject({ isComplete: true, listedBy: 'git' });
    expect(pathsOf(await read('**'))).toEqual(
      [
        '.gitignore',
        'lib/deep/.gitignore',
        'lib/deep/b.ts',
        'src/a.ts',
        'src/new.ts',
        'src/odd \n名.ts',
        'src/tracked.log',
      ].sort(),
    );
    expect(pathsOf(await read('lib/**', 'src/*.ts'))).toEqual(
      ['lib/deep/.gitignore', 'lib/deep/b.ts', 'src/a.ts', 'src/new.ts', 'src/odd \n名.ts'].sort(),
    );
  });

  it('a build that rewrites ignored files changes nothing; a file that is held by its name is compared anyway', async () => {
    const before = await read('**');
    write('dist/more.js');
    writeFileSync(join(folder, 'dist/out.js'), 'built again');
    expect(findChanges(before, await read('**'))).toEqual([]);
    const held = await read('dist/out.js', 'dist/none.js');
    writeFileSync(join(folder, 'dist/out.js'), 'changed');
    write('dist/none.js');
    expect(findChanges(held, await read('dist/out.js', 'dist/none.js'))).toEqual(['dist/out.js', 'dist/none.js']);
  });

  it('sees what is new, changed and gone, tracked or not', async () => {
    const before = await read('{src,lib}/**');
    rmSync(join(folder, 'src/a.ts'));
    writeFileSync(join(folder, 'lib/deep/b.ts'), 'changed');
    write('lib/new.ts');
    symlinkSync('nowhere', join(folder, 'src/link'));
    expect(findChanges(before, await read('{src,lib}/**')).sort()).toEqual([
      'lib/deep/b.ts',
      'lib/new.ts',
      'src/a.ts',
      'src/link',
    ]);
  });

  it('takes folder names literally, and leaves other repositories in it out', async () => {
    write('a*/x.ts', 'ab/x.ts', ':(top)/x.ts', 'other/y.ts');
    execFileSync('git', ['init', '-q'], { cwd: join(folder, 'other') });
    const bounds = { worktree: folder, foldsCase: false, maxFiles: 100, timeoutMs: 20_000 };
    expect((await listFiles({ ...bounds, folders: ['a*/'] })).paths).toEqual(['a*/x.ts']);
    expect((await listFiles({ ...bounds, folders: [':(top)/'] })).paths).toEqual([':(top)/x.ts']);
    expect((await listFiles({ ...bounds, folders: ['AB/'], foldsCase: true })).paths).toEqual(['ab/x.ts']);
    expect((await listFiles({ ...bounds, folders: ['other/'] })).paths).toEqual([]);
  });

  it('walks the folders when git fails', async () => {
    rmSync(join(folder, '.git'), { recursive: true });
    writeFileSync(join(folder, '.git'), 'gitdir: /nowhere\n');
    const snapshot = await read('src/**', 'dist/**');
    expect(snapshot).toMatchObject({ isComplete: true, listedBy: 'walk' });
    expect(pathsOf(snapshot)).toEqual(['src/a.ts', 'src/odd \n名.ts'].sort());
  });

  it('ends at its bound, and then tells nothing of files that one snapshot alone has', async () => {
    const options = { worktree: folder, folders: [''], foldsCase: false, timeoutMs: 20_000 };
    expect(await listFiles({ ...options, maxFiles: 2 })).toMatchObject({ isComplete: false, paths: { length: 2 } });
    const [before, after] = [await read('**', 'src/a.ts'), await read('src/*', 'src/a.ts')];
    rmSync(join(folder, 'src/a.ts'));
    const gone = await read('src/*', 'src/a.ts');
    expect(findChanges(before, after)).toContain('lib/deep/b.ts');
    expect(findChanges({ ...before, isComplete: false }, after)).toEqual([]);
    expect(findChanges({ ...before, isComplete: false }, gone)).toEqual(['src/a.ts']);
    expect(findChanges(before, { ...gone, listedBy: 'walk' })).toEqual(['src/a.ts']);
  });
});

describe('in a folder that is no repository', () => {
  it('leaves out what its .gitignore says, .git and node_modules', async () => {
    writeFileSync(join(folder, '.gitignore'), 'dist/\n*.log\n!keep.log\n');
    write('src/a.ts', 'src/x.log', 'src/keep.log', 'dist/out.js', 'src/dist/out.js', 'node_modules/x/index.js');
    const snapshot = await read('**');
    expect(snapshot).toMatchObject({ isComplete: true, listedBy: 'walk' });
    expect(pathsOf(snapshot)).toEqual(['.gitignore', 'src/a.ts', 'src/keep.log']);
    expect(pathsOf(await read('src/**', 'none/**'))).toEqual(['src/a.ts', 'src/keep.log']);
  });

  it('ends at its bound', async () => {
    write(...Array.from({ length: 12 }, (_, index) => `src/${index % 3}/${index}.ts`));
    const options = { worktree: folder, folders: ['src/0/', 'src/1/', 'src/2/'], foldsCase: false, timeoutMs: 20_000 };
    expect(await listFiles({ ...options, maxFiles: 12 })).toMatchObject({ isComplete: true, paths: { length: 12 } });
    expect(await listFiles({ ...options, maxFiles: 11 })).toMatchObject({ isComplete: false, paths: { length: 11 } });
    expect(await listFiles({ ...options, maxFiles: 7 })).toMatchObject({ isComplete: false, paths: { length: 7 } });
  });
});
