import { lstatSync } from 'node:fs';
import { join, relative } from 'node:path';
import { LRUCache } from 'lru-cache';
import { runFileTask } from '../../files/run-file-task.js';
import type { Workplace } from '../../project/resolve-project.js';
import { learnWorktreeTask, type PlainWorktree } from './learn-worktree.js';
import { stampDotGit } from './stamp-dot-git.js';

/** Names of which no rule of `understandPath` or `normalizePattern` makes anything else. */
const PLAIN_NAMES = /^(?:[\w.-]*[\w-]\/)*[\w.-]*[\w-]$/;
const MAX_CHARS = 1_000;
const MAX_NAMES = 64;
/** A worktree that was found not to be plain is looked at again after this, in ms. */
const NOT_PLAIN_MS = 10_000;
const MAX_WORKTREES = 500;

export interface PlainPath {
  /** Relative to the worktree. */
  path: string;
  /** No such file exists. */
  isNew: boolean;
}

const worktrees = new LRUCache<string, { found: PlainWorktree | null }>({ max: MAX_WORKTREES });

type Speaker = Pick<Workplace, 'worktree' | 'folder' | 'root' | 'isKnown' | 'isNamed' | 'isRepository'>;

/**
 * A literal path of the speaker's own worktree that leads through folders of local disks only, and through no link and no
 * other repository: nothing that could keep this thread waiting, so it is looked at here, in about 20 µs. Any other path, and
 * the first ones of a worktree, are for a thread for files.
 * @returns null where a thread has to look
 */
export function findPlainPath(text: string, speaker: Speaker): PlainPath | null {
  if (!speaker.isKnown) return null;
  const way = relative(speaker.worktree, speaker.folder);
  const path = way === '' ? text : `${way}/${text}`;
  if (path.length > MAX_CHARS || !PLAIN_NAMES.test(path)) return null;
  const names = path.split('/');
  // In a folder further down, a path may be one from the top (see `placePattern`).
  if (names.length > MAX_NAMES || (way !== '' && text.split('/')[0] === names[0])) return null;
  const worktree = recallWorktree(speaker);
  if (!worktree) return null;
  try {
    if (!isStillPlain(speaker.worktree, worktree)) return forget(speaker);
    const isNew = followNames(names, speaker, worktree);
    return isNew === null ? null : { path, isNew };
  } catch {
    return null;
  }
}

/** What is known of a worktree; a thread finds it out for the next call. */
function recallWorktree(speaker: Speaker): PlainWorktree | null {
  const { worktree, root, isNamed, isRepository } = speaker;
  const key = keyOf(speaker);
  const known = worktrees.get(key);
  if (known) return known.found;
  const remember = (found: PlainWorktree | null) =>
    void worktrees.set(key, { found }, found ? {} : { ttl: NOT_PLAIN_MS });
  remember(null);
  runFileTask(learnWorktreeTask, worktree, { root, isNamed, isRepository }).then(remember, () => undefined);
  return null;
}

/** The next call has a thread look at it again. */
function forget(speaker: Speaker): null {
  worktrees.delete(keyOf(speaker));
  return null;
}

function keyOf({ worktree, root, isNamed, isRepository }: Speaker): string {
  return JSON.stringify([worktree, root, isNamed, isRepository]);
}

function isStillPlain(worktree: string, { folders, devices, dotGit }: PlainWorktree): boolean {
  for (const [index, folder] of folders.entries()) {
    const stats = lstatSync(folder, { throwIfNoEntry: false });
    if (!stats?.isDirectory() || stats.dev !== devices[index]) return false;
    if (dotGit === null && has(folder, '.git')) return false;
  }
  return dotGit === null || stampDotGit(worktree) === dotGit;
}

/** @returns whether the file is a new one; null for what is no file of this worktree, or is in a bare repository */
function followNames(
  names: readonly string[],
  { worktree, isRepository }: Speaker,
  { devices }: PlainWorktree,
): boolean | null {
  const device = devices.at(-1);
  let folder = worktree;
  for (const [index, name] of names.entries()) {
    const path = join(folder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    const isLast = index === names.length - 1;
    if (stats && (stats.dev !== device || (isLast ? !stats.isFile() : !stats.isDirectory() || has(path, '.git')))) {
      return null;
    }
    if (!stats || isLast) return !isRepository && has(folder, 'HEAD') ? null : !stats;
    folder = path;
  }
  return null;
}

function has(folder: string, name: string): boolean {
  return lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined;
}
