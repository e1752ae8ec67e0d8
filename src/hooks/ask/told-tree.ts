import { rmSync } from 'node:fs';
import { readForeignFile } from '../../files/read-foreign-file.js';
import { replaceFile } from '../../files/write-new-file.js';
import { runGit } from './run-git.js';

/** Of the file: one id. */
const MAX_BYTES = 200;

/** Notes in the worktree's folder of git that a warning about a commit with this tree was shown. */
export function rememberTold(cwd: string, tree: string | undefined): void {
  if (tree === undefined) return;
  try {
    // Never through a link in its place.
    replaceFile(findFile(cwd), tree);
  } catch {
    // The warning is shown a second time.
  }
}

/** Whether that was noted of the only commit; the note is taken away. */
export function wasTold(cwd: string, commits: readonly { tree: string }[]): boolean {
  try {
    const path = findFile(cwd);
    const tree = readForeignFile(path, MAX_BYTES);
    rmSync(path, { force: true });
    return commits.length === 1 && commits[0]?.tree === tree;
  } catch {
    return false;
  }
}

function findFile(cwd: string): string {
  return runGit(cwd, ['rev-parse', '--path-format=absolute', '--git-path', 'popstash-told']).replace(/\r?\n$/, '');
}
