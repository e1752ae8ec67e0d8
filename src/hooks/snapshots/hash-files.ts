import { createHash } from 'node:crypto';
import { lstatSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { useForeignFile } from '../../files/read-foreign-file.js';

/** What tells that a file has changed. */
export interface FileLook {
  size: number;
  inode: number;
  mtimeMs: number;
  ctimeMs: number;
}

/** How a file, or a link, looks; null for a folder and where there is none. */
export function lookAt(path: string): FileLook | null {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats && !stats.isDirectory() ? toLook(stats) : null;
  } catch {
    return null;
  }
}

/**
 * Hashes the content of a file, or the target of a link.
 * @param look as it was looked at last
 * @returns null for one that has changed since, or is no file
 */
export function hashFile(path: string, look: FileLook): string | null {
  try {
    const stats = lstatSync(path);
    const content = stats.isSymbolicLink() ? `link ${readlinkSync(path)}` : readWhole(path, look.size);
    if (content === null || !isSameLook(look, toLook(lstatSync(path)))) return null;
    return createHash('sha256').update(content).digest('hex');
  } catch {
    return null;
  }
}

export function isSameLook(a: FileLook, b: FileLook): boolean {
  return a.size === b.size && a.inode === b.inode && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

function toLook({ size, ino: inode, mtimeMs, ctimeMs }: Stats): FileLook {
  return { size, inode, mtimeMs, ctimeMs };
}

function readWhole(path: string, size: number): Buffer | null {
  return useForeignFile(path, (file, stats) => {
    if (stats.size !== size) return null;
    const bytes = Buffer.allocUnsafe(size);
    for (let length = 0; length < size; ) {
      const read = readSync(file, bytes, length, size - length, null);
      if (read === 0) return null;
      length += read;
    }
    return bytes;
  });
}
