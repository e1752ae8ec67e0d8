import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { normalizePattern } from '../../../src/globs/normalize-pattern.js';
import { findChanges, isPartial } from '../../../src/hooks/snapshots/compare-snapshots.js';
import { listFiles } from '../../../src/hooks/snapshots/list-files.js';
import { createSnapshotter } from '../../../src/hooks/snapshots/snapshot-files.js';
import type { Snapshot } from '../../../src/hooks/snapshots/snapshot-types.js';
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

function toLocks(...patterns: string[]) {
  const options = { worktree: folder, foldsCase: false, exists: () => null };
  return patterns.map((pattern) => normalizePattern(pattern, options));
}

function read(...patterns: string[]): Promise<Snapshot> {
  return createSnapshotter(20_000, 20_000).read(folder, toLocks(...patterns));
}

/** The times of files come from a clock with coarse ticks, which may stand before this moment. */
function passFileTick(): void {
  const probe = join(createFolder(), 'probe');
  const now = Date.now();
  do writeFileSync(probe, '');
  while (statSync(probe).ctimeMs <= now);
}

/** As hooks do it: what changes while `act` runs. */
async function changesOf(patterns: string[], act: () => void, hashWaitMs = 20_000): Promise<string[]> {
  const snapshots = createSnapshotter(20_000, hashWaitMs);
  const locks = toLocks(...patterns);
  const before = await snapshots.read(folder, locks);
  passFileTick();
  act();
  const after = await snapshots.read(folder, locks, before);
  return (await snapshots.withoutIgnored(folder, locks, findChanges(before, after), [before, after])).sort();
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
    const build = () => {
      write('dist/more.js');
      writeFileSync(join(folder, 'dist/out.js'), 'built again');
    };
    expect(await changesOf(['**'], build)).toEqual([]);
    const change = () => {
      writeFileSync(join(folder, 'dist/out.js'), 'changed');
      write('dist/none.js');
    };
    expect(await changesOf(['dist/out.js', 'dist/none.js'], change)).toEqual(['dist/none.js', 'dist/out.js']);
  });

  it('sees what is new, changed and gone, tracked or not', async () => {
    const act = () => {
      rmSync(join(folder, 'src/a.ts'));
      writeFileSync(join(folder, 'lib/deep/b.ts'), 'changed');
      write('lib/new.ts');
      symlinkSync('nowhere', join(folder, 'src/link'));
    };
    expect(await changesOf(['{src,lib}/**'], act)).toEqual(['lib/deep/b.ts', 'lib/new.ts', 'src/a.ts', 'src/link']);
  });

  it('a file whose times alone differ, or whose content is written again, has not changed', async () => {
    const again = () => write('src/a.ts', 'lib/deep/b.ts');
    expect(await changesOf(['**'], again)).toEqual([]);
  });

  it('files that were there, and are listed for the first time since the rules changed, are not new', async () => {
    const include = () => writeFileSync(join(folder, 'lib/deep/.gitignore'), '');
    expect(await changesOf(['**'], include)).toEqual(['lib/deep/.gitignore']);
    const exclude = () => writeFileSync(join(folder, 'lib/deep/.gitignore'), 'b.ts\n');
    expect(await changesOf(['**'], exclude)).toEqual(['lib/deep/.gitignore']);
    const movedIn = () => {
      writeFileSync(join(folder, 'lib/deep/.gitignore'), '');
      write('lib/deep/new.ts');
    };
    expect(await changesOf(['**'], movedIn)).toEqual(['lib/deep/.gitignore', 'lib/deep/new.ts']);
  });

  it('a change in the same moment as the snapshot, with the same size and times, is seen', async () => {
    const { atime, mtime } = statSync(join(folder, 'src/a.ts'));
    const act = () => {
      writeFileSync(join(folder, 'src/a.ts'), 'SRC/A.TS');
      utimesSync(join(folder, 'src/a.ts'), atime, mtime);
    };
    expect(await changesOf(['src/**'], act)).toEqual(['src/a.ts']);
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

  it('where git gives no list in time, it is asked about the changes alone', async () => {
    writeFileSync(join(folder, '.git', 'info', 'exclude'), 'local/\n');
    write('local/out.js');
    const snapshots = createSnapshotter(20_000);
    const locks = toLocks('**');
    const walked = { ...(await snapshots.read(folder, locks)), listedBy: 'walk' } as const;
    const changed = await snapshots.withoutIgnored(
      folder,
      locks,
      ['local/out.js', 'src/a.ts'],
      [walked, { ...walked, found: new Map([...walked.found, ['local/out.js', 'local/out.js']]) }],
    );
    expect(changed).toEqual(['src/a.ts']);
  });

  it('walks the folders when git fails', async () => {
    rmSync(join(folder, '.git'), { recursive: true });
    writeFileSync(join(folder, '.git'), 'gitdir: /nowhere\n');
    const snapshot = await read('src/**', 'dist/**');
    expect(snapshot).toMatchObject({ isComplete: true, listedBy: 'walk' });
    expect(pathsOf(snapshot)).toEqual(['src/a.ts', 'src/odd \n名.ts'].sort());
    // The rules of each folder count.
    expect(pathsOf(await read('lib/**'))).toEqual(['lib/deep/.gitignore', 'lib/deep/b.ts']);
  });

  it('compares what both snapshots looked at alone, and is partial where one of them was cut', async () => {
    const options = { worktree: folder, folders: [''], foldsCase: false, timeoutMs: 20_000 };
    expect(await listFiles({ ...options, maxFiles: 2 })).toMatchObject({ isComplete: false, paths: { length: 2 } });
    const before = await read('**', 'src/a.ts');
    const cut: Snapshot = { ...before, files: new Map([...before.files].slice(0, 2)), isComplete: false };
    write('src/new.ts');
    rmSync(join(folder, 'src/a.ts'));
    const after = await createSnapshotter(20_000).read(folder, toLocks('**', 'src/a.ts'), before);
    expect(findChanges(before, after).sort()).toEqual(['src/a.ts', 'src/new.ts']);
    expect(findChanges(cut, after)).toEqual(['src/a.ts']);
    expect(isPartial(cut, after)).toBe(true);
    expect(isPartial(before, after)).toBe(false);
    // A list that another program made has other files.
    expect(findChanges(before, { ...after, listedBy: 'walk' })).toEqual(['src/a.ts']);
  });

  it('a list that git could not finish in time accuses nobody', async () => {
    for (let file = 0; file < 250; file += 1) write(`gen/${file}.ts`);
    const locks = toLocks('gen/**');
    for (let round = 0; round < 20; round += 1) {
      const before = await createSnapshotter(1 + round).read(folder, locks);
      const after = await createSnapshotter(20_000).read(folder, locks, before);
      expect(findChanges(before, after)).toEqual([]);
    }
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
