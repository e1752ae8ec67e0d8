import { lstatSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a worktree's `.git` is, in few words: the folder, with a HEAD; or the file of a linked worktree, whose content leads to
 * its repository: another content has another time or size. Follows no link.
 * @returns null where there is none, or another thing
 */
export function stampDotGit(worktree: string): string | null {
  const path = join(worktree, '.git');
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return null;
  const { dev, ino, uid } = stats;
  if (stats.isDirectory()) {
    return lstatSync(join(path, 'HEAD'), { throwIfNoEntry: false })?.isFile() ? `${dev} ${ino} ${uid}` : null;
  }
  return stats.isFile() ? `${dev} ${ino} ${uid} ${stats.ctimeMs} ${stats.size}` : null;
}
