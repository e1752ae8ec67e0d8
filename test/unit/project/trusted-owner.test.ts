// Which repositories are taken, compared with git itself: it refuses those of other users (`safe.directory`).
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, lchownSync, mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findRepository } from '../../../src/project/find-repository.js';
import { createFolder } from '../../support/setup/folders.js';

const OTHER = 12_345;
const before = { HOME: process.env.HOME, SUDO_UID: process.env.SUDO_UID };
afterEach(() => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

interface Place {
  top: string;
  home: string;
}

function createPlace(): Place {
  const [top, home] = [realpathSync(createFolder()), realpathSync(createFolder())];
  execFileSync('git', ['init', '-q', top], { stdio: 'pipe' });
  process.env.HOME = home;
  delete process.env.SUDO_UID;
  return { top, home };
}

const give = (path: string, user = OTHER) => chownSync(path, user, user);

/** `.git` becomes a file that names the folder. */
function linkByFile(top: string): string {
  const elsewhere = realpathSync(createFolder());
  renameSync(join(top, '.git'), join(elsewhere, 'git'));
  writeFileSync(join(top, '.git'), `gitdir: ${join(elsewhere, 'git')}\n`);
  return join(elsewhere, 'git');
}

const CASES: [string, (place: Place) => void][] = [
  ['all is ours', () => undefined],
  ['.git is of another user', ({ top }) => give(join(top, '.git'))],
  ['the top folder is of another user', ({ top }) => give(top)],
  ['both are', ({ top }) => [top, join(top, '.git')].forEach((path) => void give(path))],
  [
    '.git is a file of another user',
    ({ top }) => {
      linkByFile(top);
      give(join(top, '.git'));
    },
  ],
  ['.git is a file that leads to another user', ({ top }) => give(linkByFile(top))],
  [
    '.git is a link of another user to a folder of ours',
    ({ top }) => {
      const elsewhere = join(realpathSync(createFolder()), 'git');
      renameSync(join(top, '.git'), elsewhere);
      symlinkSync(elsewhere, join(top, '.git'));
      lchownSync(join(top, '.git'), OTHER, OTHER);
    },
  ],
  [
    'both are of the user who called this process by sudo',
    ({ top }) => {
      for (const path of [top, join(top, '.git')]) give(path);
      process.env.SUDO_UID = `${OTHER}`;
    },
  ],
  [
    'both are of another user than the one who called it by sudo',
    ({ top }) => {
      for (const path of [top, join(top, '.git')]) give(path);
      process.env.SUDO_UID = `${OTHER + 1}`;
    },
  ],
  [
    'sudo names no user',
    ({ top }) => {
      for (const path of [top, join(top, '.git')]) give(path);
      process.env.SUDO_UID = 'somebody';
    },
  ],
  [
    'both are of another user, and the settings name the folder',
    ({ top, home }) => {
      for (const path of [top, join(top, '.git')]) give(path);
      writeFileSync(join(home, '.gitconfig'), `[safe]\n\tdirectory = ${top}\n`);
    },
  ],
  [
    'the settings name all folders, and take that back',
    ({ top, home }) => {
      for (const path of [top, join(top, '.git')]) give(path);
      writeFileSync(join(home, '.gitconfig'), '[safe]\n\tdirectory = *\n\tdirectory =\n');
    },
  ],
  [
    'the settings name another folder',
    ({ top, home }) => {
      for (const path of [top, join(top, '.git')]) give(path);
      writeFileSync(join(home, '.gitconfig'), `[safe]\n\tdirectory = ${home}\n`);
    },
  ],
];

describe.runIf(process.getuid?.() === 0)('as git has it', () => {
  it.each(CASES)('%s', (_name, change) => {
    const place = createPlace();
    change(place);
    mkdirSync(join(place.top, 'sub'));
    const asked = spawnSync('git', ['rev-parse', '--show-toplevel'], { cwd: join(place.top, 'sub'), env: process.env });
    const refused: string[] = [];
    const found = findRepository(join(place.top, 'sub'), (worktree) => refused.push(worktree));
    expect(found?.worktree ?? null, asked.stderr.toString()).toBe(asked.status === 0 ? place.top : null);
    expect(refused).toEqual(asked.status === 0 ? [] : [place.top]);
  });
});
