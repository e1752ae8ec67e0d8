import { lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { readForeignFile } from '../files/read-foreign-file.js';
import { isTrustedOwner } from './trusted-owner.js';

export interface Repository {
  /** Top folder of the worktree. */
  worktree: string;
  /** The git common directory, which all worktrees of the repository share. */
  root: string;
  /** The worktree's own git directory: its HEAD is there. */
  gitDir: string;
}

/** Of `.git`, `commondir` and `HEAD`: each names one path or one branch. */
const MAX_BYTES = 16_384;

/**
 * The innermost repository that a folder is in; null when it is in none. Reads files only; git itself is not run, to start
 * fast. A repository of another user is none, as git's `safe.directory` has it.
 * @param start a real path
 * @param onRefused is told the top folder of a repository of another user
 */
export function findRepository(start: string, onRefused?: (worktree: string) => void): Repository | null {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = readDotGit(join(folder, '.git'));
    if (found?.isTrusted) return { worktree: folder, root: found.root, gitDir: found.gitDir };
    if (found) onRefused?.(folder);
    if (dirname(folder) === folder) return readBareRepository(start);
  }
}

/** The branch that is checked out in a worktree, or the beginning of a commit's id; null where that can't be read. */
export function readBranch(worktree: string): string | null {
  const found = readDotGit(join(worktree, '.git'));
  const head = found && readForeignFile(join(found.gitDir, 'HEAD'), MAX_BYTES)?.trim();
  if (!head) return null;
  return head.startsWith('ref: ') ? head.slice('ref: '.length).replace(/^refs\/heads\//, '') : head.slice(0, 8);
}

/** Whether a folder is the git directory of a repository. */
export function isGitDirectory(folder: string): boolean {
  return ['HEAD', 'objects', 'refs'].every((name) => statSync(join(folder, name), { throwIfNoEntry: false }));
}

interface DotGit {
  root: string;
  gitDir: string;
  isTrusted: boolean;
}

/** `.git` is the folder itself, or in a linked worktree a file `gitdir: …` whose `commondir` leads to the shared one. */
function readDotGit(dotGit: string): DotGit | null {
  try {
    const stats = statSync(dotGit, { throwIfNoEntry: false });
    if (!stats) return null;
    const worktree = dirname(dotGit);
    const owners = [lstatSync(worktree).uid, lstatSync(dotGit).uid];
    if (stats.isDirectory()) {
      if (!statSync(join(dotGit, 'HEAD'), { throwIfNoEntry: false })) return null;
      return { root: realPath(dotGit), gitDir: dotGit, isTrusted: isTrustedOwner([...owners, stats.uid], worktree) };
    }
    const gitDir = /^gitdir: (.+)$/m.exec(readForeignFile(dotGit, MAX_BYTES) ?? '')?.[1]?.trim();
    if (!gitDir) return null;
    const absolute = isAbsolute(gitDir) ? gitDir : resolve(worktree, gitDir);
    const common = readForeignFile(join(absolute, 'commondir'), MAX_BYTES)?.trim();
    const root = realPath(common ? resolve(absolute, common) : absolute);
    const leadsTo = [absolute, root].flatMap((path) => statSync(path, { throwIfNoEntry: false })?.uid ?? []);
    return { root, gitDir: absolute, isTrusted: isTrustedOwner([...owners, ...leadsTo], worktree) };
  } catch {
    return null;
  }
}

/** A bare repository, where work is done in worktrees elsewhere. */
function readBareRepository(folder: string): Repository | null {
  try {
    if (!isGitDirectory(folder) || !isTrustedOwner([statSync(folder).uid], folder)) return null;
    return { worktree: folder, root: folder, gitDir: folder };
  } catch {
    return null;
  }
}

/** The real path of a file or folder; as it is where nothing is there. */
export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return resolve(path);
  }
}
