import { join } from 'node:path';
import { listForeignFolder } from './read-foreign-file.js';

export interface WalkOptions {
  maxFiles: number;
  /** Of files and folders that are looked at, wanted or not. */
  maxEntries: number;
  maxMs: number;
  /** Whether a folder is looked into; its path is absolute. */
  enters?: (name: string, path: string) => boolean;
  /** Whether a file is wanted; its path is absolute. */
  wants?: (path: string) => boolean;
}

export interface Walk {
  /** Absolute. */
  paths: string[];
  /** False where a bound was reached. */
  isComplete: boolean;
}

/**
 * The files and links below a folder that is not ours. Links are not followed; what can't be read is left out. It takes no more entries
 * of a folder than it may look at: libraries that walk folders read each as a whole first.
 */
export function walkForeignFolder(top: string, options: WalkOptions): Walk {
  const { maxFiles, maxEntries, maxMs, enters = () => true, wants = () => true } = options;
  const until = performance.now() + maxMs;
  const paths: string[] = [];
  const folders = [top];
  let left = maxEntries;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (left <= 0 || performance.now() > until) return { paths, isComplete: false };
    const entries = listForeignFolder(folder, left + 1);
    left -= entries.length;
    for (const { name, kind } of entries) {
      const path = join(folder, name);
      if (kind === 'folder') {
        if (enters(name, path)) folders.push(path);
      } else if (kind !== 'other' && wants(path)) {
        if (paths.length >= maxFiles) return { paths, isComplete: false };
        paths.push(path);
      }
    }
    if (left < 0) return { paths, isComplete: false };
  }
  return { paths, isComplete: true };
}
