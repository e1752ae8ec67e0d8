import { join } from 'node:path';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { patternMatches } from '../../globs/compare-patterns.js';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import { foldCase } from '../../globs/fold-case.js';
import { contentOf, createFileStates, type FileState } from './file-states.js';
import { findIgnored, markRules } from './ignore-rules.js';
import { type FileList, isRepository, listFiles } from './list-files.js';

/** The part of a lock that a snapshot needs. */
export interface Watched {
  key: string;
  isGlob: boolean;
  /** As written; of a literal the file's path relative to the worktree. */
  pattern: string;
  /** `hook`: claimed by an edit. */
  origin?: 'tool' | 'hook';
}

/** State of held files at one moment. */
export interface Snapshot {
  /** When it was begun, in ms since 1970. */
  at: number;
  /** By key of the path, as locks are compared; null for a path that does not exist. A path that was not looked at is missing. */
  files: Map<string, FileState | null>;
  /** Paths relative to the worktree that globs found, by key. */
  found: Map<string, string>;
  /** False where a bound left files out. */
  isComplete: boolean;
  listedBy: FileList['listedBy'];
  /** Stands for the rules by which files are ignored. */
  rules: string;
}

/** Bounds of one snapshot: files that globs are compared with, milliseconds. */
const MAX_FILES = 20_000;
const MAX_MS = 1_000;
/** Bytes that are hashed for one snapshot. */
const MAX_BYTES = 64 * 1024 * 1024;
/**
 * A command waits so long for hashes that are not known yet, in ms: once, since they are kept. The others are read while
 * it runs.
 */
const HASH_WAIT_MS = 300;
/** Longest reading beside a command, in ms. */
const MAX_BACKGROUND_MS = 30_000;

export type Snapshotter = ReturnType<typeof createSnapshotter>;

/**
 * Reads the state of held files.
 * @param maxMs for one snapshot: a command waits for it
 */
export function createSnapshotter(maxMs = MAX_MS, hashWaitMs = HASH_WAIT_MS) {
  const states = createFileStates();

  /** Looks at files that globs may match: what is there now, and what was there before. */
  async function lookAtGlobs(worktree: string, globs: readonly Watched[], snapshot: Snapshot, options: LookOptions) {
    const { files, found } = snapshot;
    const { foldsCase, deadline, before } = options;
    const folders = listFolders(globs);
    const timeoutMs = deadline - performance.now();
    const list = await listFiles({ worktree, folders, foldsCase, maxFiles: MAX_FILES, timeoutMs });
    snapshot.isComplete &&= list.isComplete;
    snapshot.listedBy = list.listedBy;
    if (globs.length > 0) snapshot.rules = markRules(worktree, folders, list.paths);
    const matches = createMatcher(globs);
    for (const path of new Set([...list.paths, ...(before?.found.values() ?? [])])) {
      if (performance.now() > deadline) {
        snapshot.isComplete = false;
        return;
      }
      await yieldToEventLoop();
      const key = keyOf(path, foldsCase);
      if (files.has(key) || !matches(key)) continue;
      const state = states.look(join(worktree, path));
      // What the index names and is not there now was not there for the command either, unless it was there before.
      if (!state && !before?.files.get(key)) continue;
      files.set(key, state);
      found.set(key, path);
    }
  }

  return {
    /** The state of one file with its hash; null when it does not exist. @param path absolute */
    async readOne(path: string): Promise<FileState | null> {
      const state = states.look(path);
      if (state) await states.hash([state], Number.POSITIVE_INFINITY, { left: MAX_BYTES });
      return state;
    },

    /**
     * @param before the snapshot from before the command: what it looked at is looked at again, and only what differs
     *   from it is hashed. Without it, what can't be hashed in a short time is hashed later.
     */
    async read(worktree: string, locks: readonly Watched[], before?: Snapshot): Promise<Snapshot> {
      const deadline = performance.now() + maxMs;
      const foldsCase = detectCaseFolding(worktree);
      const bounds = { isComplete: true, listedBy: 'walk', rules: '' } as const;
      const snapshot: Snapshot = { at: Date.now(), files: new Map(), found: new Map(), ...bounds };
      for (const { key, pattern } of locks.filter(({ isGlob }) => !isGlob)) {
        if (performance.now() > deadline) snapshot.isComplete = false;
        else snapshot.files.set(key, states.look(join(worktree, pattern)));
        await yieldToEventLoop();
      }
      const globs = locks.filter(({ isGlob }) => isGlob);
      await lookAtGlobs(worktree, globs, snapshot, { foldsCase, deadline, before });
      const bytes = { left: MAX_BYTES };
      if (before) {
        const differing = [...snapshot.files].flatMap(([key, state]) =>
          state && mayDiffer(before.files.get(key), state) ? [state] : [],
        );
        await states.hash(differing, Math.max(deadline, performance.now() + hashWaitMs), bytes);
        return snapshot;
      }
      const all = [...snapshot.files.values()].filter((state) => state !== null);
      const left = await states.hash(all, performance.now() + hashWaitMs, bytes);
      // From now on the command may run: a file that is not settled could change without a sign.
      const later = left.filter(({ isSettled }) => isSettled);
      if (later.length > 0) void states.hash(later, performance.now() + MAX_BACKGROUND_MS, bytes);
      return snapshot;
    },

    /**
     * The changes without those of files that git ignores: it is asked where it gave no list, and about files that were
     * claimed by an edit alone. An agent that locks an ignored file by its path means it.
     */
    async withoutIgnored(
      worktree: string,
      locks: readonly Watched[],
      changed: readonly string[],
      [before, after]: readonly [Snapshot, Snapshot],
    ): Promise<string[]> {
      if (changed.length === 0 || !isRepository(worktree)) return [...changed];
      const isListedByGit = before.listedBy === 'git' && after.listedBy === 'git';
      const literals = new Map<string, string>();
      for (const { key, isGlob, origin } of locks) if (!isGlob && origin !== 'hook') literals.set(key, '');
      for (const { key, isGlob, origin, pattern } of locks) {
        if (!isGlob && origin === 'hook' && !literals.has(key)) literals.set(key, pattern);
      }
      const pathOf = (key: string) => literals.get(key) ?? (isListedByGit ? '' : (after.found.get(key) ?? ''));
      const asked = changed.map(pathOf).filter((path) => path !== '');
      if (asked.length === 0) return [...changed];
      const ignored = await findIgnored(worktree, asked);
      return changed.filter((key) => !ignored?.has(pathOf(key)));
    },
  };
}

interface LookOptions {
  foldsCase: boolean;
  /** On the clock of performance.now(). */
  deadline: number;
  before: Snapshot | undefined;
}

/**
 * Paths that both snapshots looked at and whose content differs, that are new or gone. A file whose times alone differ
 * has not changed. A path that only the later snapshot has is new only where the earlier one would have found it.
 */
export function findChanges(before: Snapshot, after: Snapshot): string[] {
  const changed: string[] = [];
  for (const [key, now] of after.files) {
    const old = before.files.get(key);
    if (old === undefined) {
      if (now && wouldHaveFound(before, after, now)) changed.push(key);
    } else if (old && now) {
      if (isChanged(old, now)) changed.push(key);
    } else if (old !== now) changed.push(key);
  }
  return changed;
}

/** Whether the snapshots left files out that the command may have changed. */
export function isPartial(before: Snapshot, after: Snapshot): boolean {
  return !before.isComplete || !after.isComplete || before.listedBy !== after.listedBy;
}

/** Whether the content of a changed path is known to differ: else only its size or times are. */
export function isContentKnown(before: Snapshot, after: Snapshot, key: string): boolean {
  const [old, now] = [before.files.get(key), after.files.get(key)];
  if (!old || !now || old.size !== now.size) return true;
  return old.hash !== null && now.hash !== null;
}

/** When the rules by which files are ignored have changed, an old file may be listed for the first time. */
function wouldHaveFound(before: Snapshot, after: Snapshot, now: FileState): boolean {
  if (isPartial(before, after)) return false;
  return before.rules === after.rules || now.ctimeMs >= before.at;
}

function mayDiffer(old: FileState | null | undefined, now: FileState): boolean {
  return !old?.isSettled || !isSameState(old, now);
}

function isChanged(old: FileState, now: FileState): boolean {
  if (old.hash !== null && now.hash !== null) return old.hash !== now.hash;
  return contentOf({ ...old, hash: null }) !== contentOf({ ...now, hash: null });
}

function isSameState(a: FileState, b: FileState): boolean {
  return a.size === b.size && a.inode === b.inode && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

function keyOf(path: string, foldsCase: boolean): string {
  const composed = path.normalize('NFC');
  return foldsCase ? foldCase(composed) : composed;
}

/** Whether one of the globs matches; the frequent `folder/**` is decided without a look at the rest of the path. */
function createMatcher(globs: readonly Watched[]): (key: string) => boolean {
  const folders = globs.flatMap(({ key }) => (isWholeFolder(key) ? [key.slice(0, -2)] : []));
  const others = globs.filter(({ key }) => !isWholeFolder(key));
  return (key) =>
    folders.some((folder) => key.startsWith(folder) && key.length > folder.length) ||
    others.some((glob) => patternMatches(glob, key));
}

function isWholeFolder(key: string): boolean {
  return key === '**' || (key.endsWith('/**') && !/[*?[\]{}()!\\]/.test(key.slice(0, -2)));
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
