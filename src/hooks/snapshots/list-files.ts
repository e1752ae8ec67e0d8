import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fdir } from 'fdir';
import { createIgnoreRules } from './ignore-rules.js';

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
/** Never looked into by a walk; git leaves an untracked one out. */
const MODULES = 'node_modules';
const SKIPPED = new Set(['.git', MODULES]);

/**
 * Files of a worktree, without those that git ignores. Asks git; where there is no repository, or git is missing, fails
 * or takes more than its share of the time, walks the folders and reads the .gitignore files itself.
 */
export async function listFiles(options: ListOptions): Promise<FileList> {
  const { worktree, folders, timeoutMs } = options;
  if (folders.length === 0) return { paths: [], isComplete: true, listedBy: 'walk' };
  const started = performance.now();
  const listed = isRepository(worktree) ? await listByGit(options, timeoutMs * GIT_SHARE) : null;
  return listed ?? (await walk(options, timeoutMs - (performance.now() - started)));
}

export function isRepository(worktree: string): boolean {
  return existsSync(join(worktree, '.git'));
}

/** Tracked files and untracked ones that are not ignored; null when git can't tell. */
function listByGit({ worktree, folders, foldsCase, maxFiles }: ListOptions, timeoutMs: number) {
  const magic = foldsCase ? ':(top,literal,icase)' : ':(top,literal)';
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', `--exclude=${MODULES}/`, '--'];
  const pathspecs = folders.map((folder) => (folder === '' ? ':(top)' : `${magic}${folder}`));
  const options = { cwd: worktree, encoding: 'utf8', timeout: toTimeout(timeoutMs), maxBuffer: MAX_BYTES } as const;
  return new Promise<FileList | null>((resolve) => {
    const child = execFile('git', [...args, ...pathspecs], options, (error, stdout) => {
      const isCut = error?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
      // At its time-out git may end well at that very moment, and a part of the list is lost without an error.
      if (!isCut && (error || child.killed)) return resolve(null);
      // The last part is empty, or a name that was cut. A name that ends in '/' is another repository in this one.
      const names = stdout.split('\0').slice(0, -1);
      const paths = names.slice(0, maxFiles).filter((name) => !name.endsWith('/'));
      resolve({ paths, isComplete: !isCut && names.length <= maxFiles, listedBy: 'git' });
    });
  });
}

async function walk({ worktree, folders, maxFiles }: ListOptions, timeoutMs: number): Promise<FileList> {
  const rules = createIgnoreRules(worktree);
  const signal = AbortSignal.timeout(toTimeout(timeoutMs));
  const paths: string[] = [];
  let isComplete = true;
  for (const folder of folders) {
    const left = maxFiles - paths.length;
    if (left <= 0 || signal.aborted) return { paths, isComplete: false, listedBy: 'walk' };
    if (rules.ignores(folder)) continue;
    const found = await new fdir()
      .withRelativePaths()
      .withPathSeparator(sep)
      .withMaxFiles(left + 1)
      .withAbortSignal(signal)
      .exclude((name, path) => SKIPPED.has(name) || rules.ignores(`${toSlashes(relative(worktree, path))}/`))
      .crawl(join(worktree, folder))
      .withPromise();
    const names = found.map((path) => `${folder}${toSlashes(path)}`).filter((path) => !rules.ignores(path));
    paths.push(...names.slice(0, left));
    isComplete &&= found.length <= left && !signal.aborted;
  }
  return { paths, isComplete, listedBy: 'walk' };
}

/** Whole milliseconds, at least one: 0 would be no bound. */
function toTimeout(ms: number): number {
  return Math.max(Math.round(ms), 1);
}

function toSlashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
