import { homedir } from 'node:os';
import { join } from 'node:path';
import { readForeignFile } from '../files/read-foreign-file.js';

/** Of a settings file of git. */
const MAX_SETTINGS_BYTES = 1_000_000;
const ROOT_USER = 0;

/** Users whose files this process takes for its own user's, as git does; null where the system has no users. */
function trustedUsers(): Set<number> | null {
  const user = process.geteuid?.();
  return user === undefined ? null : new Set([user, ROOT_USER]);
}

/**
 * Whether a repository belongs to the user of this process or to root, or git's `safe.directory` allows it. Git itself
 * refuses to work in another one, since its settings would run as this user.
 * @param owners user ids of `.git` and of what it leads to
 * @param worktree top folder, a real path
 */
export function isTrustedOwner(owners: readonly number[], worktree: string): boolean {
  const trusted = trustedUsers();
  return trusted === null || owners.every((owner) => trusted.has(owner)) || listSafeFolders().some(allows(worktree));
}

function allows(worktree: string): (safe: string) => boolean {
  return (safe) => safe === '*' || safe === worktree || (safe.endsWith('/*') && worktree.startsWith(safe.slice(0, -1)));
}

/** Values of `safe.directory`: git takes it from the settings of the user and of the system only. Includes are not followed. */
function listSafeFolders(): string[] {
  const home = homedir();
  const files = ['/etc/gitconfig', join(home, '.config', 'git', 'config'), join(home, '.gitconfig')];
  let folders: string[] = [];
  for (const file of files) {
    let section = '';
    for (const line of (readForeignFile(file, MAX_SETTINGS_BYTES) ?? '').split('\n')) {
      section =
        /^\s*\[\s*([\w.-]+)\s*\]/.exec(line)?.[1]?.toLowerCase() ?? (line.trim().startsWith('[') ? '' : section);
      const value = section === 'safe' ? /^\s*directory\s*=\s*"?([^"\n]*?)"?\s*$/i.exec(line)?.[1] : undefined;
      // An empty value takes back what came before.
      if (value === '') folders = [];
      else if (value !== undefined) folders.push(value.replace(/^~(?=\/)/, home));
    }
  }
  return folders;
}
