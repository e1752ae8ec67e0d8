import { createHash } from 'node:crypto';
import { lstatSync, type Stats } from 'node:fs';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';

/** State of one file at one moment. */
export interface FileState {
  /** Absolute. */
  path: string;
  size: number;
  inode: number;
  mtimeMs: number;
  ctimeMs: number;
  /** Of the content (of a link, its target), where that was read while the file was in this state. */
  hash: string | null;
  /** Whether any later change must show in the times: file systems count them in steps of some milliseconds. */
  isSettled: boolean;
}

export type FileStates = ReturnType<typeof createFileStates>;

/** Of a larger file the size and times alone are compared. */
const MAX_HASHED_BYTES = 1024 * 1024;
/** File states kept: a few hundred bytes each. */
const MAX_CACHED = 50_000;
/** Steps of a file system's clock, in ms, on the long side. */
const CLOCK_STEP_MS = 25;
/** Files that are read at one time. */
const READERS = 8;

/** Reads the states of files. A file is hashed again only when its times, size or inode differ. */
export function createFileStates() {
  const known = new LRUCache<string, FileState>({ max: MAX_CACHED });

  return {
    /** Times and size of a file, with its hash where it is known; null when there is none. @param path absolute */
    look(path: string): FileState | null {
      const stats = lookAt(path);
      if (!stats || stats.isDirectory()) return null;
      const before = known.get(path);
      if (before?.isSettled && isSame(before, stats)) return before;
      const { size, ino: inode, mtimeMs, ctimeMs } = stats;
      const isSettled = Date.now() - Math.max(ctimeMs, mtimeMs) > CLOCK_STEP_MS;
      const state: FileState = { path, size, inode, mtimeMs, ctimeMs, hash: null, isSettled };
      known.set(path, state);
      return state;
    },

    /**
     * Hashes those of these files that were not hashed in their state, until the time or the bytes are used up. One that
     * has changed meanwhile stays without a hash.
     * @param untilMs on the clock of performance.now()
     * @returns those that were not looked at in time
     */
    async hash(states: readonly FileState[], untilMs: number, bytes: { left: number }): Promise<FileState[]> {
      const waiting = states.filter(({ hash, size }) => hash === null && size <= MAX_HASHED_BYTES);
      let next = 0;
      const read = async () => {
        while (next < waiting.length && performance.now() < untilMs) {
          const state = waiting[next];
          next += 1;
          if (!state || state.size > bytes.left) continue;
          bytes.left -= state.size;
          state.hash ??= await hashFile(state);
        }
      };
      await Promise.all(Array.from({ length: READERS }, read));
      return waiting.slice(next);
    },
  };
}

/** What stands for a file's content where writes are recorded. */
export function contentOf(state: FileState | null | undefined): string {
  return state ? (state.hash ?? `mark ${state.inode} ${state.size} ${state.mtimeMs} ${state.ctimeMs}`) : 'absent';
}

function lookAt(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

async function hashFile(state: FileState): Promise<string | null> {
  try {
    const isLink = (await lstat(state.path)).isSymbolicLink();
    const content = isLink ? `link ${await readlink(state.path)}` : await readFile(state.path);
    if (!isSame(state, await lstat(state.path))) return null;
    return createHash('sha256').update(content).digest('hex');
  } catch {
    return null;
  }
}

function isSame(state: FileState, { size, ino, mtimeMs, ctimeMs }: Stats): boolean {
  return state.size === size && state.inode === ino && state.mtimeMs === mtimeMs && state.ctimeMs === ctimeMs;
}
