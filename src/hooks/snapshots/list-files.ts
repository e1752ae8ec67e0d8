import { runFileTask } from '../../files/run-file-task.js';
import { MODULES } from './modules-folder.js';
import { runGit } from './run-git.js';
import { snapshotTasks } from './snapshot-tasks.js';

export interface FileList {
  /** Relative to the worktree, '/' separated. */
  paths: string[];
  /** False where the list ends early, because of a bound. */
  isComplete: boolean;
  listedBy: 'git' | 'walk';
}

export interface ListOptions {
  /** Top folder of the worktree, or any folder that is no repository. */
  worktree: string;
  /** Where to look, relative to the worktree and ending in '/'; '' is all of it. */
  folders: readonly string[];
  foldsCase: boolean;
  maxFiles: number;
  timeoutMs: number;
}

/** Bytes of names that git may print; more end the list. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Git's share of the time. What is left is for a walk, which finds some of the files at least. */
const GIT_SHARE = 0.75;

/**
 * Files of a worktree, without those that git ignores. Asks git; where there is no repository, or git is missing, fails
 * or takes more than its share of the time, walks the folders and reads the .gitignore files itself. Never rejects.
 */
export async function listFiles(options: ListOptions): Promise<FileList> {
  const { worktree, folders, maxFiles, timeoutMs } = options;
  if (folders.length === 0) return { paths: [], isComplete: true, listedBy: 'walk' };
  const started = performance.now();
  const listed = (await isRepository(worktree)) ? await listByGit(options, timeoutMs * GIT_SHARE) : null;
  if (listed) return listed;
  const bounds = { maxFiles, timeoutMs: toTimeout(timeoutMs - (performance.now() - started)) };
  const walked = await runFileTask(snapshotTasks.walk, worktree, folders, bounds).catch(() => null);
  return { ...(walked ?? { paths: [], isComplete: false }), listedBy: 'walk' };
}

/** False also where the files do not answer. */
export async function isRepository(worktree: string): Promise<boolean> {
  return await runFileTask(snapshotTasks.isRepository, worktree).catch(() => false);
}

/** Tracked files and untracked ones that are not ignored; null when git can't tell. */
async function listByGit(
  { worktree, folders, foldsCase, maxFiles }: ListOptions,
  timeoutMs: number,
): Promise<FileList | null> {
  const magic = foldsCase ? ':(top,literal,icase)' : ':(top,literal)';
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', `--exclude=${MODULES}/`, '--'];
  const pathspecs = folders.map((folder) => (folder === '' ? ':(top)' : `${magic}${folder}`));
  const bounds = { timeoutMs: toTimeout(timeoutMs), maxBytes: MAX_BYTES };
  const { status, out, isCut } = await runGit(worktree, [...args, ...pathspecs], bounds);
  if (!isCut && status !== 0) return null;
  // The last part is empty, or a name that was cut. A name that ends in '/' is another repository in this one.
  const names = out.split('\0').slice(0, -1);
  const paths = names.slice(0, maxFiles).filter((name) => !name.endsWith('/'));
  return { paths, isComplete: !isCut && names.length <= maxFiles, listedBy: 'git' };
}

/** Whole milliseconds, at least one: 0 would be no bound. */
function toTimeout(ms: number): number {
  return Math.max(Math.round(ms), 1);
}
