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
  const back = WAYS_BACK.find(({ file, of }) => (file === null || has(file)) && (of === null || of === command))?.back;
  return back === undefined ? '' : `- or go back to what was before: ${back}`;
}

/** The first that fits: by a file in git's folder, and the command that is refused. */
const WAYS_BACK: readonly { file: string | null; of: string | null; back: string }[] = [
  { file: 'rebase-merge', of: null, back: 'git rebase --abort' },
  { file: 'rebase-apply/applying', of: null, back: 'git am --abort' },
  { file: 'rebase-apply', of: null, back: 'git rebase --abort' },
  { file: 'MERGE_HEAD', of: null, back: 'git merge --abort' },
  // Git writes that file after its hook has ended.
  { file: null, of: 'merge', back: 'git merge --abort' },
  { file: 'CHERRY_PICK_HEAD', of: null, back: 'git cherry-pick --abort' },
  { file: 'sequencer', of: 'cherry-pick', back: 'git cherry-pick --abort' },
  { file: 'REVERT_HEAD', of: null, back: 'git revert --abort' },
  { file: 'sequencer', of: 'revert', back: 'git revert --abort' },
  { file: null, of: 'cherry-pick', back: 'git reset --merge' },
  { file: null, of: 'revert', back: 'git reset --merge' },
];
