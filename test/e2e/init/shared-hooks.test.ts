// Hooks of git that are not one worktree's alone: those of other worktrees, of other repositories, and of a team.
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTeam, readTree, refusal, type Team, tryCommit } from '../../support/processes/team-repository.js';
import { createFolder } from '../../support/setup/folders.js';

describe('hooks that are not ours alone', () => {
  test("another worktree's guard stays until the last one takes it out", async () => {
    const made = createTeam();
    made.write('.git/hooks/pre-commit', '#!/bin/sh\necho mine\n', 0o755);
    const before = readTree(made);
    const second = join(realpathSync(createFolder()), 'second');
    await made.init();
    made.sh(`git worktree add -q ${second}`);
    await made.init([], second);
    expect(await made.undo()).toContain(`stay for ${second}`);
    expect(await tryCommit(made, second)).toEqual(refusal);
    await made.init();
    expect(await made.undo(second)).toContain(`stay for ${made.folder}`);
    expect(await tryCommit(made)).toEqual(refusal);
    await made.undo();
    expect(readTree(made)).toEqual(before);
  });

  test('a worktree that is gone wants nothing', async () => {
    const made = createTeam();
    const before = readTree(made);
    const second = join(realpathSync(createFolder()), 'second');
    made.sh(`git worktree add -q ${second}`);
    await made.init([], second);
    await made.init();
    made.sh(`git worktree remove --force ${second}`);
    expect(await made.undo()).not.toContain('stay');
    expect(readTree(made)).toEqual(before);
  });

  test.each([
    ['of the user', (made: Team, folder: string) => made.sh(`git config --global core.hooksPath ${folder}`)],
    [
      'that this repository names outside itself',
      (made: Team, folder: string) => made.sh(`git config core.hooksPath ${folder}`),
    ],
    [
      'that a link leads to',
      (made: Team, folder: string) => made.sh(`rm -rf .git/hooks && ln -s ${folder} .git/hooks`),
    ],
  ])('hooks %s are not written; own hooks are offered, and run them', async (_whose, share) => {
    const made = createTeam();
    const shared = realpathSync(createFolder());
    writeFileSync(join(shared, 'pre-commit'), '#!/bin/sh\necho shared >> ran.log\n', { mode: 0o755 });
    writeFileSync(join(shared, 'commit-msg'), '#!/bin/sh\necho message >> ran.log\n', { mode: 0o755 });
    expect(share(made, shared).code).toBe(0);
    const before = readTree(made);
    const files = () => readdirSync(shared).map((name) => readFileSync(join(shared, name), 'utf8'));
    const theirs = files();
    const said = await made.init();
    expect(said).toContain(`git reads its hooks from ${shared}, which other repositories share`);
    expect(said).toContain('init --own-hooks');
    expect(files()).toEqual(theirs);
    expect((await made.prove())['commit deny']).toMatch(/^broken/);
    await made.init(['--own-hooks']);
    expect(files()).toEqual(theirs);
    expect(made.sh('git config core.hooksPath').said.trim()).toBe(join(made.folder, '.git/popstash/hooks'));
    expect(await tryCommit(made)).toEqual(refusal);
    expect((await made.prove())['commit deny']).toMatch(/^ok/);
    expect(made.sh('echo y > y && git add -A && git commit -qm y').code).toBe(0);
    expect(made.read('ran.log')).toBe('shared\nmessage\n');
    expect(await made.init()).toContain('as they should be');
    made.sh('rm -f ran.log && git reset -q --hard HEAD~1');
    await made.undo();
    expect(files()).toEqual(theirs);
    expect(readTree(made)).toEqual(before);
  });

  test.each([
    ['a file of the team', '../../tools/check.sh', 'tools/check.sh'],
    ['a file outside', null, null],
  ])(
    'a hook that is a link to %s: the file is not rewritten, and still runs under its own name',
    async (_what, target, path) => {
      const made = createTeam({ 'tools/check.sh': '#!/bin/sh\necho "$(basename "$0")" >> ran.log\n' });
      const outside = join(realpathSync(createFolder()), 'check.sh');
      cpSync(join(made.folder, 'tools/check.sh'), outside);
      const file = path === null ? outside : join(made.folder, path);
      chmodSync(file, 0o755);
      made.sh('git commit -qnam mode');
      symlinkSync(target ?? outside, join(made.folder, '.git/hooks/pre-commit'));
      const before = readTree(made);
      const text = readFileSync(file, 'utf8');
      await made.init();
      expect(readFileSync(file, 'utf8')).toBe(text);
      expect(made.sh('git status --porcelain tools').said).toBe('');
      expect(await tryCommit(made)).toEqual(refusal);
      expect(made.sh('echo y > y && git add -A && git commit -qm y').code).toBe(0);
      expect(made.read('ran.log')).toBe('pre-commit\n');
      expect(await made.init()).toContain('as they should be');
      made.sh('rm -f ran.log && git reset -q --hard HEAD~1');
      // Also where the record is gone.
      rmSync(join(made.folder, '.git/popstash/record.json'));
      await made.undo();
      expect(readTree(made)).toEqual(before);
    },
  );

  test('hooks in a folder of the team name nothing of this machine', async () => {
    const made = createTeam({ '.githooks/pre-commit': '#!/bin/sh\necho team\n' });
    made.sh('chmod +x .githooks/pre-commit && git config core.hooksPath .githooks && git commit -qnam mode');
    const before = readTree(made);
    await made.init();
    for (const name of ['pre-commit', 'pre-push', 'reference-transaction']) {
      expect(made.read(`.githooks/${name}`)).not.toMatch(/\/(tmp|usr|home|root|work)\b|node/);
    }
    expect(await tryCommit(made)).toEqual(refusal);
    expect(await tryCommit(made, made.folder, 'git commit -qnam x')).toEqual(refusal);
    await made.undo();
    expect(readTree(made)).toEqual(before);
    expect(existsSync(join(made.folder, '.git/popstash'))).toBe(false);
  });
});
