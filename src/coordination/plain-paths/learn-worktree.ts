import { lstatSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { defineFileTask } from '../../files/file-task.js';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import { findRepository } from '../../project/find-repository.js';
import type { Workplace } from '../../project/resolve-project.js';
import { stampDotGit } from './stamp-dot-git.js';

/**
 * Magic numbers of file systems whose names are answered by this machine's own kernel and disks (statfs(2), Linux): ext2 to
 * ext4, XFS, Btrfs, tmpfs, OverlayFS, ZFS, F2FS, bcachefs.
 */
const LOCAL = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0xca451a4e]);

/** Of the worktree's path: with that of a file it is short enough to be stored. */
const MAX_BYTES = 1_000;

/** A worktree on local disks that no link leads to, where letters of both cases are different. */
export interface PlainWorktree {
  /** From the root of the file system to the worktree itself. */
  folders: readonly string[];
  /** Devices of these folders. */
  devices: readonly number[];
  /** What its `.git` is; null in a plain folder, which is in no repository. */
  dotGit: string | null;
}

export type LearntOf = Pick<Workplace, 'root' | 'isNamed' | 'isRepository'>;

/** Finds out whether the paths of a worktree may be looked at without a thread; null: they may not. */
export const learnWorktreeTask = defineFileTask(
  'learn-worktree',
  (worktree, { root, isNamed, isRepository }: LearntOf): PlainWorktree | null => {
    if (process.platform !== 'linux' || Buffer.byteLength(worktree) > MAX_BYTES) return null;
    const folders = listFolders(worktree);
    const devices: number[] = [];
    for (const folder of folders) {
      const stats = lstatSync(folder);
      if (!stats.isDirectory() || !LOCAL.has(statfsSync(folder).type)) return null;
      devices.push(stats.dev);
    }
    const repository = findRepository(worktree);
    const isHome = isRepository
      ? repository?.worktree === worktree && (isNamed || repository.root === root)
      : repository === null;
    if (!isHome || detectCaseFolding(worktree)) return null;
    const dotGit = stampDotGit(worktree);
    return isRepository === (dotGit !== null) ? { folders, devices, dotGit } : null;
  },
);

function listFolders(worktree: string): string[] {
  const above = dirname(worktree);
  return above === worktree ? [worktree] : [...listFolders(above), worktree];
}
