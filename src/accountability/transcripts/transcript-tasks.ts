import { readSync, type Stats, statSync } from 'node:fs';
import { defineFileTask } from '../../files/file-task.js';
import { useForeignFile } from '../../files/read-foreign-file.js';
import { walkForeignFolder } from '../../files/walk-foreign-folder.js';
import { bornAt } from './born-at.js';

/** A file of a client, as it looks now. */
export interface FileFacts {
  inode: string;
  size: number;
  changedAtMs: number;
  /** ISO 8601; null where the file system does not say. */
  bornAt: string | null;
}

/** More files of one client are not found: a history of ten years has fewer. */
const MAX_FILES = 100_000;
const MAX_ENTRIES = 500_000;
const WALK_MS = 5_000;
/** A walk ends by itself; reading takes a second for the largest document. In ms. */
const LONG_MS = 8_000;

/** The work on files that reading clients' histories takes. */
export const transcriptTasks = {
  /** Files below a folder; none where there is no such folder. */
  list: defineFileTask(
    'list-transcripts',
    (root, wanted: RegExp): string[] =>
      walkForeignFolder(root, {
        maxFiles: MAX_FILES,
        maxEntries: MAX_ENTRIES,
        maxMs: WALK_MS,
        wants: (path) => wanted.test(path),
      }).paths,
    { maxMs: LONG_MS },
  ),
  /** How regular files look; null for what is none. */
  look: defineFileTask('look-at-transcripts', (_folder, paths: readonly string[]) => paths.map(lookAt)),
  /** A piece of a file; null where another file is there by now. It is shorter where the file ends. */
  read: defineFileTask(
    'read-transcript',
    (path, inode: string, position: number, length: number): Uint8Array | null =>
      useForeignFile(path, (file, stats) => {
        if (String(stats.ino) !== inode) return null;
        const bytes = new Uint8Array(Math.min(length, Math.max(stats.size - position, 0)));
        return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, position));
      }),
    { maxMs: LONG_MS },
  ),
};

function lookAt(path: string): FileFacts | null {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch {
    return null;
  }
  if (!stats?.isFile()) return null;
  return { inode: String(stats.ino), size: stats.size, changedAtMs: stats.mtimeMs, bornAt: bornAt(stats) };
}
