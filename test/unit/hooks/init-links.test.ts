// Where links lead that init meets: it writes through none that leads out of the repository, or of the home folder.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clients } from '../../../src/hooks/clients/client-list.js';
import { applyInit, applyUndo, openRecords, planUndo } from '../../../src/hooks/install/apply-init.js';
import { planAdding } from '../../../src/hooks/install/change-files.js';
import type { Invocation } from '../../../src/hooks/install/install-types.js';
import { listAllowed, listTargets, listUserTargets } from '../../../src/hooks/install/list-targets.js';
import { createFolder } from '../../support/setup/folders.js';

const START: Invocation = { program: ['popstash'], shared: null, flags: [], env: {} };
const claude = clients.filter(({ name }) => name === 'claude');
const homeBefore = process.env.HOME;

let worktree: string;
let outside: string;
let home: string;
beforeEach(() => {
  [worktree, outside, home] = [createFolder(), createFolder(), createFolder()].map((each) => realpathSync(each)) as [
    string,
    string,
    string,
  ];
  process.env.HOME = home;
  execFileSync('git', ['init', '-q', worktree], { stdio: 'pipe' });
});
afterEach(() => {
  process.env.HOME = homeBefore;
});

const inside = (...names: string[]) => join(worktree, ...names);
const dataDir = () => join(home, 'data');

function init(isOfUser = false) {
  const targets = isOfUser ? listUserTargets(claude, START) : listTargets(claude, worktree, START, false);
  const plan = planAdding(
    targets,
    listAllowed(isOfUser ? null : worktree, dataDir(), join(dataDir(), 'bin', 'popstash')),
  );
  const records = isOfUser
    ? { path: join(dataDir(), 'record.json'), worktree, sharedPath: null }
    : openRecords(join(dataDir(), 'record.json'), worktree);
  applyInit(plan.changes, records, targets);
  return { ...plan, refused: plan.refused.map(({ path, reason }) => ({ path, reason })), targets, records };
}

function undo({ targets, records }: ReturnType<typeof init>, isOfUser = false) {
  const plan = planUndo(
    targets,
    records,
    listAllowed(isOfUser ? null : worktree, dataDir(), join(dataDir(), 'bin', 'popstash')),
  );
  applyUndo(plan.changes, records, targets);
  return plan;
}

const refusal = (path: string, why: string) => expect.arrayContaining([{ path, reason: expect.stringContaining(why) }]);

describe('a link that leads out of the repository', () => {
  const FILES: [string, string, (to: string) => void][] = [
    ['a linked file', 'CLAUDE.md', (to) => symlinkSync(join(to, 'CLAUDE.md'), inside('CLAUDE.md'))],
    [
      'a linked settings file',
      '.claude/settings.json',
      (to) => {
        mkdirSync(inside('.claude'));
        symlinkSync(join(to, 'settings.json'), inside('.claude', 'settings.json'));
      },
    ],
    ['a linked folder', '.claude/settings.json', (to) => symlinkSync(to, inside('.claude'))],
    [
      'a link by way of another link',
      'CLAUDE.md',
      (to) => {
        symlinkSync(to, inside('docs'));
        symlinkSync('docs/CLAUDE.md', inside('CLAUDE.md'));
      },
    ],
    ['a link to a device', 'CLAUDE.md', () => symlinkSync('/dev/null', inside('CLAUDE.md'))],
  ];

  it.each(FILES)('is not followed: %s', (_name, file, make) => {
    for (const name of ['CLAUDE.md', 'settings.json']) writeFileSync(join(outside, name), '{}');
    make(outside);
    const { refused } = init();
    expect(refused).toEqual(refusal(inside(file), 'outside of'));
    for (const name of ['CLAUDE.md', 'settings.json']) {
      expect(readFileSync(join(outside, name), 'utf8'), name).toBe('{}');
    }
  });

  it('is not followed where nothing is there yet: no file is made', () => {
    symlinkSync(join(outside, 'rules.md'), inside('CLAUDE.md'));
    symlinkSync(join(outside, 'settings'), inside('.claude'));
    expect(init().refused.map(({ path }) => path)).toEqual([inside('.claude', 'settings.json'), inside('CLAUDE.md')]);
    expect([existsSync(join(outside, 'rules.md')), existsSync(join(outside, 'settings'))]).toEqual([false, false]);
  });

  it('is told with where it leads and what to do', () => {
    symlinkSync(outside, inside('.claude'));
    const reason = `it leads to ${join(outside, 'settings.json')}, which is outside of ${worktree}. Put a file or folder in the place of the link, or write there by hand`;
    expect(init().refused).toEqual([{ path: inside('.claude', 'settings.json'), reason }]);
  });

  it('holds up neither the other files nor taking them out again', () => {
    symlinkSync(outside, inside('.claude'));
    const done = init();
    expect(readFileSync(inside('CLAUDE.md'), 'utf8')).toContain('popstash');
    undo(done);
    expect(existsSync(inside('CLAUDE.md'))).toBe(false);
    expect(readlinkSync(inside('.claude'))).toBe(outside);
  });

  it('is not followed by --undo, though init wrote there when it was no link', () => {
    const done = init();
    const settings = readFileSync(inside('.claude', 'settings.json'), 'utf8');
    rmSync(inside('.claude'), { recursive: true });
    writeFileSync(join(outside, 'settings.json'), settings);
    symlinkSync(outside, inside('.claude'));
    expect(undo(done).refused).toEqual(refusal(inside('.claude', 'settings.json'), 'outside of'));
    expect(readFileSync(join(outside, 'settings.json'), 'utf8')).toBe(settings);
  });

  it("in a circle, and a pipe in a file's place, are refused", () => {
    symlinkSync('CLAUDE.md', inside('CLAUDE.md'));
    mkdirSync(inside('.claude'));
    execFileSync('mkfifo', [inside('.claude', 'settings.json')]);
    const { refused } = init();
    expect(refused).toEqual(refusal(inside('CLAUDE.md'), 'circle'));
    expect(refused).toEqual(refusal(inside('.claude', 'settings.json'), 'no regular file'));
  });

  it('is not followed by the guards: linked folders of git, of hooks and of husky', () => {
    writeFileSync(join(outside, 'pre-commit'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    rmSync(inside('.git', 'hooks'), { recursive: true });
    symlinkSync(outside, inside('.git', 'hooks'));
    symlinkSync(outside, inside('.git', 'popstash'));
    writeFileSync(inside('package.json'), '{"devDependencies":{"husky":"9"}}');
    symlinkSync(outside, inside('.husky'));
    const { refused } = init();
    expect(refused).toEqual(refusal(inside('.husky', 'pre-commit'), 'outside of'));
    expect(refused).toEqual(refusal(inside('.git', 'popstash', 'run'), 'outside of'));
    expect(execFileSync('ls', [outside], { encoding: 'utf8' })).toBe('pre-commit\n');
    expect(readFileSync(join(outside, 'pre-commit'), 'utf8')).toBe('#!/bin/sh\nexit 0\n');
  });

  it('of a hook is put aside and put back; what it leads to stays as it is', () => {
    const script = join(outside, 'team.sh');
    writeFileSync(script, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    symlinkSync(script, inside('.git', 'hooks', 'pre-commit'));
    const done = init();
    expect(lstatSync(inside('.git', 'hooks', 'pre-commit')).isSymbolicLink()).toBe(false);
    undo(done);
    expect(readlinkSync(inside('.git', 'hooks', 'pre-commit'))).toBe(script);
    expect(readFileSync(script, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
  });
});

describe('a link that stays inside', () => {
  it('of the repository is followed, named, and stays a link', () => {
    mkdirSync(inside('docs'));
    writeFileSync(inside('docs', 'rules.md'), '# Mine\n');
    symlinkSync('docs/rules.md', inside('CLAUDE.md'));
    const done = init();
    expect(done.refused).toEqual([]);
    expect(done.changes.map(({ note }) => note)).toContain(
      `${inside('CLAUDE.md')} is behind a link: ${inside('docs', 'rules.md')} is changed.`,
    );
    expect(readlinkSync(inside('CLAUDE.md'))).toBe('docs/rules.md');
    expect(readFileSync(inside('docs', 'rules.md'), 'utf8')).toMatch(/^# Mine\n[\s\S]*popstash: begin/);
    undo(done);
    expect(readFileSync(inside('docs', 'rules.md'), 'utf8')).toBe('# Mine\n');
    expect(readlinkSync(inside('CLAUDE.md'))).toBe('docs/rules.md');
  });

  it('to nothing makes the file there, and --undo takes that away, not the link', () => {
    symlinkSync('AGENTS.md', inside('CLAUDE.md'));
    const done = init();
    expect(readFileSync(inside('AGENTS.md'), 'utf8')).toContain('popstash: begin');
    undo(done);
    expect([existsSync(inside('AGENTS.md')), readlinkSync(inside('CLAUDE.md'))]).toEqual([false, 'AGENTS.md']);
  });

  it('between two files of ours gets our part once', () => {
    writeFileSync(inside('CLAUDE.md'), '# Mine\n');
    symlinkSync('CLAUDE.md', inside('AGENTS.md'));
    const done = init();
    expect(readFileSync(inside('CLAUDE.md'), 'utf8').match(/popstash: begin/g)).toHaveLength(1);
    undo(done);
    expect(readFileSync(inside('CLAUDE.md'), 'utf8')).toBe('# Mine\n');
  });

  it('of the home folder is followed, as a manager of dotfiles makes it', () => {
    mkdirSync(join(home, 'dotfiles'));
    mkdirSync(join(home, '.claude'));
    writeFileSync(join(home, 'dotfiles', 'settings.json'), '{"model":"x"}');
    symlinkSync('../dotfiles/settings.json', join(home, '.claude', 'settings.json'));
    const done = init(true);
    expect(done.refused).toEqual([]);
    expect(JSON.parse(readFileSync(join(home, 'dotfiles', 'settings.json'), 'utf8'))).toHaveProperty('hooks');
    expect(readlinkSync(join(home, '.claude', 'settings.json'))).toBe('../dotfiles/settings.json');
    undo(done, true);
    expect(readFileSync(join(home, 'dotfiles', 'settings.json'), 'utf8')).toBe('{"model":"x"}');
  });

  it('of the home folder that leads out of it is not followed', () => {
    writeFileSync(join(outside, 'settings.json'), '{}');
    symlinkSync(outside, join(home, '.claude'));
    expect(init(true).refused).toEqual(refusal(join(home, '.claude', 'settings.json'), 'outside of'));
    expect(readFileSync(join(outside, 'settings.json'), 'utf8')).toBe('{}');
  });
});

describe('a hard link', () => {
  it('to a tracked script is broken: the other name keeps its content, and its mode', () => {
    mkdirSync(inside('scripts'));
    writeFileSync(inside('scripts', 'check.sh'), '#!/bin/sh\nexit 0\n');
    chmodSync(inside('scripts', 'check.sh'), 0o750);
    linkSync(inside('scripts', 'check.sh'), inside('.git', 'hooks', 'pre-commit'));
    const done = init();
    expect(done.changes.map(({ note }) => note)).toContainEqual(expect.stringContaining('hard link'));
    expect(readFileSync(inside('scripts', 'check.sh'), 'utf8')).toBe('#!/bin/sh\nexit 0\n');
    expect(statSync(inside('scripts', 'check.sh')).mode & 0o777).toBe(0o750);
    expect(readFileSync(inside('.git', 'hooks', 'pre-commit'), 'utf8')).toContain('popstash');
    undo(done);
    expect(readFileSync(inside('.git', 'hooks', 'pre-commit'), 'utf8')).toBe('#!/bin/sh\nexit 0\n');
  });

  it('of a settings file leaves the other name alone', () => {
    writeFileSync(join(outside, 'mcp.json'), '{}');
    linkSync(join(outside, 'mcp.json'), inside('.mcp.json'));
    init();
    expect(readFileSync(join(outside, 'mcp.json'), 'utf8')).toBe('{}');
    expect(readFileSync(inside('.mcp.json'), 'utf8')).toContain('popstash');
  });
});

it('what can not be read is left alone, and not written over', () => {
  writeFileSync(inside('CLAUDE.md'), 'x'.repeat(16 * 1024 * 1024 + 1));
  expect(init().refused).toEqual(refusal(inside('CLAUDE.md'), 'too large'));
  expect(statSync(inside('CLAUDE.md')).size).toBe(16 * 1024 * 1024 + 1);
});
