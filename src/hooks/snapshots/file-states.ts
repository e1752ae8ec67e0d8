import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { runFileTask } from '../../files/run-file-task.js';
import { type FileLook, isSameLook, joinPaths, readLook } from './hash-files.js';
import { snapshotTasks } from './snapshot-tasks.js';

/** State of one file at one moment. */
export interface FileState extends FileLook {
  /** Absolute. */
  path: string;
  /** Of the content (of a link, its target), where that was read while the file was in this state. */
  hash: string | null;
  /** Whether any later change must show in the times: file systems count them in steps of some milliseconds. */
  isSettled: boolean;
}

export type FileStates = ReturnType<typeof createFileStates>;

/** Files that are looked at between two looks at the clock. */
export const LOOKS_A_STEP = 512;
/** Of a larger file the size and times alone are compared. */
const MAX_HASHED_BYTES = 1024 * 1024;
/** File states kept: a few hundred bytes each. */
const MAX_CACHED = 50_000;
/** Steps of a file system's clock, in ms, on the long side. */
const CLOCK_STEP_MS = 25;
/** Files, and bytes of them, that are hashed between two looks at the clock. */
const FILES_A_STEP = 64;
const BYTES_A_STEP = 4 * 1024 * 1024;

/** Reads the states of files. A file is hashed again only when its times, size or inode differ. */
export function createFileStates() {
  const known = new LRUCache<string, FileState>({ max: MAX_CACHED });

  return {
    /**
     * Times and size of files, with their hashes where they are known; null for one that does not exist.
     * @param paths relative to the worktree
     * @throws AppError `timeout` when the files do not answer
     */
    async look(worktree: string, paths: readonly string[]): Promise<(FileState | null)[]> {
      const absolute = paths.map((path) => join(worktree, path));
      // A thread looks at the files after this moment, so the age of a change is counted from it.
      const at = Date.now();
      const looks = await runFileTask(snapshotTasks.look, worktree, joinPaths(absolute));
      return absolute.map((path, index) => keep(path, readLook(looks, index), at));
    },

    /**
     * Hashes those of these files that were not hashed in their state, until the time or the bytes are used up. One that
     * has changed meanwhile stays without a hash.
     * @param untilMs on the clock of performance.now()
     * @returns those that were not looked at in time
     */
    async hash(
      worktree: string,
      states: readonly FileState[],
      untilMs: number,
      bytes: { left: number },
    ): Promise<FileState[]> {
      const waiting = states.filter(({ hash, size }) => hash === null && size <= MAX_HASHED_BYTES);
      let next = 0;
      while (next < waiting.length && performance.now() < untilMs) {
        const step: FileState[] = [];
        for (let size = 0; next < waiting.length && step.length < FILES_A_STEP && size < BYTES_A_STEP; next += 1) {
          const state = waiting[next];
          if (!state || state.size > bytes.left) continue;
          bytes.left -= state.size;
          size += state.size;
          step.push(state);
        }
        await hashStep(worktree, step);
      }
      return waiting.slice(next);
    },
  };

  function keep(path: string, look: FileLook | null, at: number): FileState | null {
    if (!look) return null;
    const before = known.get(path);
    if (before?.isSettled && isSameLook(before, look)) return before;
    const isSettled = at - Math.max(look.ctimeMs, look.mtimeMs) > CLOCK_STEP_MS;
    const state: FileState = { path, ...look, hash: null, isSettled };
    known.set(path, state);
    return state;
  }
}

async function hashStep(worktree: string, states: readonly FileState[]): Promise<void> {
  const open = states.filter(({ hash }) => hash === null);
  if (open.length === 0) return;
  const files = open.map(
    ({ path, size, inode, mtimeMs, ctimeMs }) => [path, { size, inode, mtimeMs, ctimeMs }] as const,
  );
  const hashes = await runFileTask(snapshotTasks.hash, worktree, files).catch(() => []);
  for (const [index, state] of open.entries()) state.hash ??= hashes[index] ?? null;
}

/** What stands for a file's content where writes are recorded. */
export function contentOf(state: FileState | null | undefined): string {
  return state ? (state.hash ?? `mark ${state.inode} ${state.size} ${state.mtimeMs} ${state.ctimeMs}`) : 'absent';
}
