import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { lstat, opendir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { patternMatches } from '../../globs/compare-patterns.js';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import { foldCase } from '../../globs/fold-case.js';

/** What is compared of a lock. */
export interface Watched {
  key: string;
  isGlob: boolean;
  /** As written; of a literal the file's path relative to the worktree. */
  pattern: string;
}

/** State of one file: its times, size and inode, and what it holds where that was read. */
export interface FileState {
  mark: string;
  hash: string | null;
}

/** By key of the path: what locks are compared with. */
export type Snapshot = Map<string, FileState>;

/** Larger files are told apart by their size and times alone. */
const MAX_HASHED_BYTES = 1024 * 1024;
/** Files that globs are looked up in, hashed bytes and milliseconds of one snapshot; what is beyond is left out. */
const MAX_FILES = 5_000;
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_MS = 1_000;
const MAX_REMEMBERED = 20_000;
const SKIPPED = new Set(['.git', 'node_modules']);

export type Snapshotter = ReturnType<typeof createSnapshotter>;

/** Reads the state of held files. What was hashed once is hashed again only when its times or size differ. */
export function createSnapshotter() {
  const known = new Map<string, FileState>();

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
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(path, state);
    return state;
  }

  return {
    /** The state of one file; null when there is none. */
    readOne: (path: string) => readState(path, { bytes: MAX_HASHED_BYTES }),

    /** @param locks patterns whose files are read; a literal's file that is not there is no entry */
    async read(worktree: string, locks: readonly Watched[]): Promise<Snapshot> {
      const snapshot: Snapshot = new Map();
      const budget = { bytes: MAX_BYTES };
      const deadline = performance.now() + MAX_MS;
      for (const { key, pattern, isGlob } of locks) {
        if (isGlob || performance.now() > deadline) continue;
        const state = await readState(join(worktree, pattern), budget);
        if (state) snapshot.set(key, state);
      }
      const globs = locks.filter(({ isGlob }) => isGlob);
      for await (const path of walk(worktree, listFolders(globs), deadline)) {
        const key = keyOf(path, worktree);
        if (snapshot.has(key) || !globs.some((glob) => patternMatches(glob, key))) continue;
        const state = await readState(join(worktree, path), budget);
        if (state) snapshot.set(key, state);
      }
      return snapshot;
    },
  };
}

/** What stands for a file's content where writes are recorded. */
export function contentOf(state: FileState | null | undefined): string {
  return state ? (state.hash ?? `mark ${state.mark}`) : 'absent';
}

/** Paths whose content differs, that are new or gone. A file whose times alone differ has not changed. */
export function findChanges(before: Snapshot, after: Snapshot): string[] {
  const changed = [...after].filter(([key, state]) => isChanged(before.get(key), state)).map(([key]) => key);
  return [...changed, ...[...before.keys()].filter((key) => !after.has(key))];
}

function isChanged(before: FileState | undefined, after: FileState): boolean {
  if (!before) return true;
  if (before.hash !== null && after.hash !== null) return before.hash !== after.hash;
  return before.mark !== after.mark;
}

function markOf(stats: BigIntStats): string {
  return `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
}

function keyOf(path: string, worktree: string): string {
  const composed = path.normalize('NFC');
  return detectCaseFolding(worktree) ? foldCase(composed) : composed;
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

async function* walk(worktree: string, folders: readonly string[], deadline: number): AsyncGenerator<string> {
  const queue = [...folders];
  let seen = 0;
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    const entries = await opendir(join(worktree, folder)).catch(() => null);
    if (!entries) continue;
    for await (const entry of entries) {
      if (SKIPPED.has(entry.name)) continue;
      if (entry.isDirectory()) queue.push(`${folder}${entry.name}/`);
      else {
        seen += 1;
        if (seen > MAX_FILES || performance.now() > deadline) return;
        yield `${folder}${entry.name}`;
      }
    }
  }
}
