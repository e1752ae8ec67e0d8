import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { patternMatches } from '../../globs/compare-patterns.js';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import { foldCase } from '../../globs/fold-case.js';
import { type FileList, listFiles } from './list-files.js';

/** The part of a lock that a snapshot needs. */
export interface Watched {
  key: string;
  isGlob: boolean;
  /** As written; of a literal the file's path relative to the worktree. */
  pattern: string;
}

/** State of one file: its times, size and inode, and the hash of its content where that was read. */
export interface FileState {
  mark: string;
  hash: string | null;
}

/** State of held files at one moment. */
export interface Snapshot {
  /** By key of the path, as locks are compared; null for a path that is held literally and does not exist. */
  files: Map<string, FileState | null>;
  /** False where a bound left files out. */
  isComplete: boolean;
  listedBy: FileList['listedBy'];
}

/** Of a larger file the size and times alone are compared. */
const MAX_HASHED_BYTES = 1024 * 1024;
/** Bounds of one snapshot: files that globs are compared with, hashed bytes, milliseconds. */
const MAX_FILES = 5_000;
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_MS = 1_000;
/** File states kept: a few hundred bytes each. */
const MAX_CACHED = 20_000;

export type Snapshotter = ReturnType<typeof createSnapshotter>;

/**
 * Reads the state of held files. A file is hashed again only when its times, size or inode differ.
 * @param maxMs for one snapshot: a command waits for it
 */
export function createSnapshotter(maxMs = MAX_MS) {
  const known = new LRUCache<string, FileState>({ max: MAX_CACHED });

  async function readState(path: string, budget: { bytes: number }): Promise<FileState | null> {
    const stats = await lstat(path, { bigint: true }).catch(() => null);
    if (!stats || stats.isDirectory()) return null;
    const mark = markOf(stats);
    const before = known.get(path);
    if (before?.mark === mark && before.hash !== null) return before;
    const size = Number(stats.size);
    const isRead = stats.isFile() && size <= MAX_HASHED_BYTES && budget.bytes >= size;
    if (isRead) budget.bytes -= size;
    const content = isRead ? await readFile(path).catch(() => null) : null;
    const state = { mark, hash: content && createHash('sha256').update(content).digest('hex') };
    known.set(path, state);
    return state;
  }

  return {
    /** The state of one file; null when it does not exist. @param path absolute */
    readOne: (path: string) => readState(path, { bytes: MAX_HASHED_BYTES }),

    /** @param locks patterns whose files are read: of a glob those that git does not ignore */
    async read(worktree: string, locks: readonly Watched[]): Promise<Snapshot> {
      const files: Snapshot['files'] = new Map();
      const budget = { bytes: MAX_BYTES };
      const deadline = performance.now() + maxMs;
      const foldsCase = detectCaseFolding(worktree);
      let isComplete = true;
      for (const { key, pattern } of locks.filter(({ isGlob }) => !isGlob)) {
        if (performance.now() > deadline) isComplete = false;
        else files.set(key, await readState(join(worktree, pattern), budget));
      }
      const globs = locks.filter(({ isGlob }) => isGlob);
      const bounds = { maxFiles: MAX_FILES, timeoutMs: deadline - performance.now() };
      const list = await listFiles({ worktree, folders: listFolders(globs), foldsCase, ...bounds });
      for (const path of list.paths) {
        if (performance.now() > deadline) return { files, isComplete: false, listedBy: list.listedBy };
        await yieldToEventLoop();
        const key = keyOf(path, foldsCase);
        if (files.has(key) || !globs.some((glob) => patternMatches(glob, key))) continue;
        const state = await readState(join(worktree, path), budget);
        if (state) files.set(key, state);
      }
      return { files, isComplete: isComplete && list.isComplete, listedBy: list.listedBy };
    },
  };
}

/** What stands for a file's content where writes are recorded. */
export function contentOf(state: FileState | null | undefined): string {
  return state ? (state.hash ?? `mark ${state.mark}`) : 'absent';
}

/**
 * Paths whose content differs, that are new or gone. A file whose times alone differ has not changed. Where one of the
 * snapshots left files out, a path that only one of them has tells nothing.
 */
export function findChanges(before: Snapshot, after: Snapshot): string[] {
  const isWhole = before.isComplete && after.isComplete && before.listedBy === after.listedBy;
  return [...new Set([...before.files.keys(), ...after.files.keys()])].filter((key) => {
    const [old, now] = [before.files.get(key), after.files.get(key)];
    if (old && now) return isChanged(old, now);
    return (old ?? null) !== (now ?? null) && (isWhole || (old !== undefined && now !== undefined));
  });
}

function isChanged(before: FileState, after: FileState): boolean {
  if (before.hash !== null && after.hash !== null) return before.hash !== after.hash;
  return before.mark !== after.mark;
}

function markOf(stats: BigIntStats): string {
  return `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
}

function keyOf(path: string, foldsCase: boolean): string {
  const composed = path.normalize('NFC');
  return foldsCase ? foldCase(composed) : composed;
}

/** Folders that hold all files of the globs, none within another. */
function listFolders(globs: readonly Watched[]): string[] {
  const folders = [...new Set(globs.map(({ pattern }) => leadingFolder(pattern)))].sort();
  return folders.filter((folder) => !folders.some((other) => other !== folder && folder.startsWith(other)));
}

/** `src/lib/*.ts` → `src/lib/` */
function leadingFolder(glob: string): string {
  const special = glob.search(/[*?[\]{}()!\\]/);
  return glob.slice(0, glob.lastIndexOf('/', special === -1 ? undefined : special) + 1);
}
