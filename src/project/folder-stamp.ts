import { type BigIntStats, statSync } from 'node:fs';

/** What stays of a folder when it is renamed, and is another for a new folder at the same path. */
export interface FolderStamp {
  inode: string;
  /** Of the file system; the number may be another one after the machine has started again. */
  device: string;
  /** When the folder was made, in ns since 1970; 0 where the file system does not keep it. */
  born: string;
}

/** Null where there is no folder. */
export function readStamp(folder: string): FolderStamp | null {
  let stats: BigIntStats | undefined;
  try {
    stats = statSync(folder, { bigint: true, throwIfNoEntry: false });
  } catch {
    return null;
  }
  if (!stats?.isDirectory()) return null;
  return { inode: `${stats.ino}`, device: `${stats.dev}`, born: `${stats.birthtimeNs}` };
}

export function isSameFolder(one: FolderStamp, other: FolderStamp): boolean {
  return nameStamp(one) === nameStamp(other);
}

/** Inodes are used again: the time of birth tells two folders apart, and where it is not kept, at least the device. */
export function nameStamp({ inode, device, born }: FolderStamp): string {
  return born === '0' ? `${inode}-${device}` : `${inode}-${born}`;
}
