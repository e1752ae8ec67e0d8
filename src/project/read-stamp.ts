import { type BigIntStats, statSync } from 'node:fs';
import type { FolderStamp } from './folder-stamp.js';

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
