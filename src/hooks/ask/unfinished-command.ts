import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runGit } from './run-git.js';

/**
 * How a command of git that was refused in the middle is given up: one sentence; empty where nothing is left to give up.
 * @param command git's, such as `rebase`
 */
export function describeWayBack(cwd: string, command: string | null): string {
  const gitDir = resolve(cwd, runGit(cwd, ['rev-parse', '--git-dir']).trim());
  const has = (name: string) => existsSync(join(gitDir, name));
  const back = has('rebase-merge')
    ? 'git rebase --abort'
    : has('rebase-apply/applying')
      ? 'git am --abort'
      : has('rebase-apply')
        ? 'git rebase --abort'
        : has('MERGE_HEAD')
          ? 'git merge --abort'
          : has('CHERRY_PICK_HEAD') || (command === 'cherry-pick' && has('sequencer'))
            ? 'git cherry-pick --abort'
            : has('REVERT_HEAD') || (command === 'revert' && has('sequencer'))
              ? 'git revert --abort'
              : command === 'revert' || command === 'cherry-pick'
                ? 'git reset --merge'
                : null;
  return back === null ? '' : `- or go back to what was before: ${back}`;
}
