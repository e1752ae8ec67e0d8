import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { quotePath } from '../../text/quote-text.js';
import { findGuard } from './find-guard.js';
import { findGitFolders } from './git-folders.js';
import { GUARDS, type GuardName, OWN_FOLDER, RUN_SCRIPT } from './guard-names.js';

/** Guards of git that init has written and that git does not run any more, with the folder that it reads now. */
export interface LostGuards {
  names: GuardName[];
  hooks: string;
}

/**
 * Looks whether the guards are still there: managers of hooks write over hooks, or name another folder to git. Reads a few
 * small files, and asks git where its hooks are. Null when none is gone, or init was never run in this repository.
 */
export function findLostGuards(worktree: string): LostGuards | null {
  const folders = findGitFolders(worktree);
  if (folders === null || !existsSync(join(folders.common, OWN_FOLDER, RUN_SCRIPT))) return null;
  const names = GUARDS.filter((name) => findGuard(worktree, folders, name).guard === null);
  return names.length === 0 ? null : { names, hooks: folders.hooks };
}

/** What is said of them, to people and agents. @param fix what the reader should do */
export function describeLostGuards({ names, hooks }: LostGuards, fix: string): string {
  const consequence =
    names.length === GUARDS.length
      ? 'no commit or push of held files is refused here'
      : 'held files may be committed or pushed';
  return `PopStash's git guards are gone (${names.join(', ')} in ${quotePath(hooks)}): ${consequence}. ${fix}`;
}
