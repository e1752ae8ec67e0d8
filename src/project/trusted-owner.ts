import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { homeFolder, readSudoUser } from '../config.js';
import { readForeignFile } from '../files/read-foreign-file.js';

/** Of a settings file of git. */
const MAX_SETTINGS_BYTES = 1_000_000;
const ROOT_USER = 0;

/**
 * Users whose files this process takes for its own user's, as git does: root by `sudo` those of the user who called it too.
 * Null where the system has no users.
 */
function trustedUsers(): Set<number> | null {
  const user = process.geteuid?.();
  if (user === undefined) return null;
  const caller = user === ROOT_USER ? readSudoUser() : null;
  return new Set(caller === null ? [user] : [user, caller]);
}

/**
 * Whether a repository belongs to the user of this process, or git's `safe.directory` allows it. Git itself refuses to work in
 * another one, since its settings would run as this user.
 * @param owners user ids of the worktree, of `.git` and of what it leads to
 * @param worktree top folder, a real path
 */
export function isTrustedOwner(owners: readonly number[], worktree: string): boolean {
  const trusted = trustedUsers();
  return trusted === null || owners.every((owner) => trusted.has(owner)) || listSafeFolders().some(allows(worktree));
}

function allows(worktree: string): (safe: string) => boolean {
  return (safe) =>
    safe === '*' || realPath(safe) === worktree || (safe.endsWith('/*') && worktree.startsWith(safe.slice(0, -1)));
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

/** Values of `safe.directory`: git takes it from the settings of the user and of the system only. Includes are not followed. */
function listSafeFolders(): string[] {
  const home = homeFolder();
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
