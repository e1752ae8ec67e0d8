import { LRUCache } from 'lru-cache';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { patternMatches } from '../../globs/compare-patterns.js';
import { foldCase } from '../../globs/fold-case.js';
import { type FileStates, LOOKS_A_STEP } from './file-states.js';
import { markRules } from './find-ignored.js';
import { listFiles } from './list-files.js';
import type { Snapshot, Watched } from './snapshot-types.js';

/** Files of one snapshot that globs are compared with. */
const MAX_FILES = 20_000;
/** Paths that are compared with globs between two looks at the clock. */
const PATHS_A_STEP = 512;
/** Lists of found files that are kept. */
const MAX_LISTS = 20;
/** Its composed form is the same. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const IS_ASCII = /^[\x00-\x7f]*$/;

export interface LookOptions {
  foldsCase: boolean;
  /** On the clock of performance.now(). */
  deadline: number;
  before: Snapshot | undefined;
}

/** Looks at the files of a worktree that globs match. */
export function createGlobLook(states: Pick<FileStates, 'look'>) {
  /** The files that globs of these folders found last, by worktree: they are looked at while git lists them again. */
  const lastFound = new LRUCache<string, string[]>({ max: MAX_LISTS });

  /** Looks at files that globs may match: what is there now, and what was there before. */
  async function lookAtGlobs(worktree: string, globs: readonly Watched[], snapshot: Snapshot, options: LookOptions) {
    const { foldsCase, deadline, before } = options;
    const folders = listFolders(globs);
    const listed = listFiles({
      worktree,
      folders,
      foldsCase,
      maxFiles: MAX_FILES,
      timeoutMs: deadline - performance.now(),
    });
    const place = JSON.stringify([worktree, folders]);
    const matches = createMatcher(globs);
    const look = (paths: Iterable<string>) => lookAt(worktree, paths, snapshot, { ...options, matches });
    // Files that are known from the last time, while git is at work: the list then decides which of them count.
    const early = before ? [...before.found.values()] : (lastFound.get(place) ?? []);
    await look(early);
    const list = await listed;
    snapshot.isComplete &&= list.isComplete;
    snapshot.listedBy = list.listedBy;
    if (globs.length > 0) snapshot.rules = await markRules(worktree, folders, list.paths);
    await look(list.paths);
    if (!before) keepListed(snapshot, new Set(list.paths));
    if (list.isComplete) lastFound.set(place, [...snapshot.found.values()]);
  }

  /** Looks at those of these paths that a glob matches, and that were not looked at yet. */
  async function lookAt(
    worktree: string,
    paths: Iterable<string>,
    snapshot: Snapshot,
    { foldsCase, deadline, before, matches }: LookOptions & { matches: (key: string) => boolean },
  ): Promise<void> {
    let count = 0;
    const step = new Map<string, string>();
    for (const path of paths) {
      if (count % PATHS_A_STEP === 0) {
        if (performance.now() > deadline) {
          snapshot.isComplete = false;
          return;
        }
        await yieldToEventLoop();
      }
      count += 1;
      const key = keyOf(path, foldsCase);
      if (snapshot.files.has(key) || step.has(key) || !matches(key)) continue;
      step.set(key, path);
      if (step.size >= LOOKS_A_STEP) await lookAtStep(worktree, step, snapshot, before);
    }
    await lookAtStep(worktree, step, snapshot, before);
  }

  /** @param step paths by key; it is emptied */
  async function lookAtStep(
    worktree: string,
    step: Map<string, string>,
    { files, found }: Snapshot,
    before: Snapshot | undefined,
  ): Promise<void> {
    if (step.size === 0) return;
    const looked = await states.look(worktree, [...step.values()]);
    for (const [index, [key, path]] of [...step].entries()) {
      const state = looked[index] ?? null;
      // What the index names and is not there now was not there for the command either, unless it was there before.
      if (!state && !before?.files.get(key)) continue;
      files.set(key, state);
      found.set(key, path);
    }
    step.clear();
  }

  return { lookAtGlobs };
}

function keyOf(path: string, foldsCase: boolean): string {
  const composed = IS_ASCII.test(path) ? path : path.normalize('NFC');
  return foldsCase ? foldCase(composed) : composed;
}

/** Forgets what globs found the last time and the list does not name any more: it is gone, or ignored. */
function keepListed({ files, found }: Snapshot, listed: ReadonlySet<string>): void {
  for (const [key, path] of found) {
    if (listed.has(path)) continue;
    files.delete(key);
    found.delete(key);
  }
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
