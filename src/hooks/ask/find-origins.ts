import { join, resolve } from 'node:path';
import { listForeignFolder, readForeignFile } from '../../files/read-foreign-file.js';
import { runGit } from './run-git.js';

/**
 * `here`: made in this worktree. `rewritten`: a rebase of it made it of another one. `elsewhere`: made in another
 * worktree. `unknown`: no worktree has a record of it.
 */
export type CommitOrigin = 'here' | 'rewritten' | 'elsewhere' | 'unknown';

const MADE = /^(commit|cherry-pick|revert|am|merge .*: Merge made)\b/;
const REWRITTEN = /^(rebase|pull --rebase|pull .*--rebase)\b/;

export interface OriginFinder {
  originOf(id: string): CommitOrigin;
  /**
   * When the commit was made in this worktree that a rebase made another one of: an amendment keeps the time of its author,
   * and so does a rebase. In seconds since 1970; null when there was none with this time.
   * @param authored the time of its author
   */
  madeAt(authored: number): number | null;
}

/** The newest commits that were made in a worktree, as far as they are looked at. */
const MAX_MADE = 2_000;
/** Of git's log of one HEAD: half a million entries. */
const MAX_LOG_BYTES = 64 * 1024 * 1024;
const MAX_WORKTREES = 1_000;

/** Tells where commits were made, by what git logs of each worktree's HEAD. */
export function createOriginFinder(cwd: string): OriginFinder {
  const [own = '', common = ''] = runGit(cwd, ['rev-parse', '--git-dir', '--git-common-dir'])
    .trim()
    .split('\n')
    .map((folder) => resolve(cwd, folder));
  const here = readLog(own);
  const others = [common, ...listFolders(join(common, 'worktrees'))].filter((folder) => folder !== own).map(readLog);
  let times: Map<number, number> | undefined;
  return {
    originOf(id) {
      const origin = here.get(id);
      if (origin === 'here') return origin;
      if (others.some((log) => log.has(id))) return 'elsewhere';
      return origin ?? 'unknown';
    },
    madeAt(authored) {
      times ??= readTimes(
        cwd,
        [...here].flatMap(([id, origin]) => (origin === 'here' ? [id] : [])),
      );
      return times.get(authored) ?? null;
    },
  };
}

/** When commits were made, by the times of their authors: the latest where several have one. */
function readTimes(cwd: string, made: readonly string[]): Map<number, number> {
  const times = new Map<number, number>();
  const newest = made.slice(-MAX_MADE);
  if (newest.length === 0) return times;
  const args = ['log', '--no-walk=unsorted', '--no-show-signature', '--stdin', '--ignore-missing', '--format=%at %ct'];
  for (const line of runGit(cwd, args, { input: `${newest.join('\n')}\n` }).split('\n')) {
    const [authored = 0, committed = 0] = line.split(' ').map(Number);
    times.set(authored, Math.max(times.get(authored) ?? 0, committed));
  }
  return times;
}

/** Commits that were made in a worktree. @param gitDir of the worktree */
function readLog(gitDir: string): Map<string, CommitOrigin> {
  const origins = new Map<string, CommitOrigin>();
  for (const line of readText(join(gitDir, 'logs', 'HEAD')).split('\n')) {
    const [facts = '', message = ''] = line.split('\t');
    const id = facts.split(' ')[1] ?? '';
    if (MADE.test(message)) origins.set(id, 'here');
    else if (REWRITTEN.test(message) && !origins.has(id)) origins.set(id, 'rewritten');
  }
  return origins;
}

function readText(path: string): string {
  return readForeignFile(path, MAX_LOG_BYTES) ?? '';
}

function listFolders(folder: string): string[] {
  return listForeignFolder(folder, MAX_WORKTREES).map(({ name }) => join(folder, name));
}
