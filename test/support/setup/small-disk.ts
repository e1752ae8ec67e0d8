import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFolder } from './folders.js';
import { closeAtFileEnd } from './resources.js';

export interface SmallDisk {
  folder: string;
  /** Takes all the space that is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
}

const CHUNK = Buffer.alloc(256 * 1024);

/**
 * A file system of its own in memory, unmounted at the file's end.
 * @param megabytes its size
 * @returns null where this process may not mount one: not as root, or in a container without that right
 */
export function mountSmallDisk(megabytes: number): SmallDisk | null {
  const folder = createFolder('ps-disk-');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  closeAtFileEnd(`disk ${folder}`, () => void execFileSync('umount', ['--lazy', folder]));
  // PostgreSQL, which refuses to run as root, passes through it.
  chmodSync(folder, 0o755);
  const filler = join(folder, 'filler');
  return {
    folder,
    fill() {
      writeFileSync(filler, '');
      for (let size = CHUNK.length; size >= 1; size = Math.floor(size / 8)) {
        try {
          for (;;) appendFileSync(filler, CHUNK.subarray(0, size));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
    },
    free() {
      truncateSync(filler, 0);
      rmSync(filler);
    },
  };
}
