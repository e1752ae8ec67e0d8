// init in repositories and home folders as others have them: uninstall leaves every byte, mode and link as it was, and what can't
// be edited is never touched.
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SET_UPS, type SetUpPlace } from '../../support/files/foreign-set-ups.js';
import { installInPlace, put, readTree, uninstallInPlace } from '../../support/files/install-in-place.js';
import { createFolder } from '../../support/setup/folders.js';

let worktree: string;
let home: string;
const homeBefore = process.env.HOME;

beforeEach(() => {
  [worktree, home] = [createFolder(), createFolder()].map((each) => realpathSync(each)) as [string, string];
  process.env.HOME = home;
  git('init', '-q', '-b', 'main');
});
afterEach(() => {
  process.env.HOME = homeBefore;
});

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, ...args], { cwd: worktree, stdio: 'pipe' });
}
const place = (): SetUpPlace => ({
  worktree,
  home,
  git,
  here: (path, content, mode) => put(worktree, path, content, mode),
  atHome: (path, content, mode) => put(home, path, content, mode),
  hook: (path, content) => put(worktree, path, content, 0o755),
});
describe.each(SET_UPS)('$what', ({ make, scope = 'project', ownHooks = false, refused = [], withoutReceipt }) => {
  const project = () => ({ worktree, home, scope, ownHooks });
  const trees = () => ({ worktree: readTree(worktree), home: readTree(home) });

  test('init is idempotent, leaves alone what it can not edit, and is taken out without a trace', () => {
    make(place());
    const before = trees();
    const plan = installInPlace(project());
    const left = plan.refused.map(({ path }) => path.replace(`${scope === 'user' ? home : worktree}/`, ''));
    expect(left.sort()).toEqual([...refused].sort());
    expect(plan.refused.every(({ paste }) => paste !== undefined)).toBe(true);
    expect(plan.changes.length).toBeGreaterThan(3);
    for (const path of left) {
      const folder = scope === 'user' ? 'home' : 'worktree';
      expect(readTree(folder === 'home' ? home : worktree)[path]).toBe(before[folder][path]);
    }
    if (scope !== 'local') expect(installInPlace(project()).changes).toEqual([]);
    uninstallInPlace(project());
    expect(trees()).toEqual(before);
  });

  if (withoutReceipt !== undefined) return;

  test('the same where the receipt is lost', () => {
    // Only the receipt knows that init has made it.
    mkdirSync(join(home, '.config'), { recursive: true });
    make(place());
    const before = trees();
    installInPlace(project());
    uninstallInPlace(project(), true);
    expect(trees()).toEqual(before);
  });
});
