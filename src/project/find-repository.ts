import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

export interface Repository {
  /** Top folder of the worktree. */
  worktree: string;
  /** The git common directory, which all worktrees of the repository share. */
  root: string;
  /** The worktree's own git directory: its HEAD is there. */
  gitDir: string;
}

/**
 * The innermost repository that a folder is in; null when it is in none. Reads files only; git itself is not run, to start
 * fast.
 * @param start a real path
 */
export function findRepository(start: string): Repository | null {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = readDotGit(join(folder, '.git'));
    if (found) return { worktree: folder, ...found };
    if (dirname(folder) === folder) return null;
  }
}

/** The branch that is checked out in a worktree, or the beginning of a commit's id; null where that can't be read. */
export function readBranch(worktree: string): string | null {
  const found = readDotGit(join(worktree, '.git'));
  if (!found) return null;
  try {
    const head = readFileSync(join(found.gitDir, 'HEAD'), 'utf8').trim();
    return head.startsWith('ref: ') ? head.slice('ref: '.length).replace(/^refs\/heads\//, '') : head.slice(0, 8);
  } catch {
    return null;
  }
}

/** `.git` is the folder itself, or in a linked worktree a file `gitdir: …` whose `commondir` leads to the shared one. */
function readDotGit(dotGit: string): { root: string; gitDir: string } | null {
  try {
    const stats = statSync(dotGit, { throwIfNoEntry: false });
    if (!stats) return null;
    if (stats.isDirectory()) {
      return existsSync(join(dotGit, 'HEAD')) ? { root: realPath(dotGit), gitDir: dotGit } : null;
    }
    const gitDir = /^gitdir: (.+)$/m.exec(readFileSync(dotGit, 'utf8'))?.[1]?.trim();
    if (!gitDir) return null;
    const absolute = isAbsolute(gitDir) ? gitDir : resolve(dirname(dotGit), gitDir);
    const commonFile = join(absolute, 'commondir');
    const common = existsSync(commonFile) ? resolve(absolute, readFileSync(commonFile, 'utf8').trim()) : absolute;
    return { root: realPath(common), gitDir: absolute };
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
