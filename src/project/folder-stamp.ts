/** What stays of a folder when it is renamed, and is another for a new folder at the same path. */
export interface FolderStamp {
  inode: string;
  /** Of the file system; the number may be another one after the machine has started again. */
  device: string;
  /** When the folder was made, in ns since 1970; 0 where the file system does not keep it. */
  born: string;
}

export function isSameFolder(one: FolderStamp, other: FolderStamp): boolean {
  return nameStamp(one) === nameStamp(other);
}

/** Inodes are used again: the time of birth tells two folders apart, and where it is not kept, at least the device. */
export function nameStamp({ inode, device, born }: FolderStamp): string {
  return born === '0' ? `${inode}-${device}` : `${inode}-${born}`;
}
