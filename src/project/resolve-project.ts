import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

export interface Project {
  /** `proj_` and 16 hex digits of the root's SHA-256: the same wherever it is computed. */
  id: string;
  /** The git common directory, the folder, or the given name: what the id stands for. */
  root: string;
  /** Top folder of this worktree: paths in locks and notes are relative to it. */
  worktree: string;
}

/**
 * Finds the project of a working folder: POPSTASH_PROJECT if set, else the git common directory (so that all worktrees
 * of a repository share one board), else the folder. Reads files only; git itself is not run, to start fast.
 */
export function resolveProject(cwd: string, override: string | undefined): Project {
  const folder = realPath(cwd);
  const git = findGit(folder);
  const root = override ?? git?.commonDir ?? folder;
  return { id: identifyProject(root), root, worktree: git?.worktree ?? folder };
}

/** The id of the project whose root, or given name, this is. */
export function identifyProject(root: string): string {
  return `proj_${createHash('sha256').update(root).digest('hex').slice(0, 16)}`;
}

function findGit(start: string): { worktree: string; commonDir: string } | null {
  for (let folder = start; ; folder = dirname(folder)) {
    const dotGit = join(folder, '.git');
    if (existsSync(dotGit)) {
      const commonDir = readCommonDir(dotGit);
      if (commonDir) return { worktree: folder, commonDir };
    }
    if (dirname(folder) === folder) return null;
  }
}

/** `.git` is the folder itself, or in a linked worktree a file `gitdir: …` whose `commondir` leads to the shared one. */
function readCommonDir(dotGit: string): string | null {
  try {
    if (statSync(dotGit).isDirectory()) return existsSync(join(dotGit, 'HEAD')) ? realPath(dotGit) : null;
    const gitDir = /^gitdir: (.+)$/m.exec(readFileSync(dotGit, 'utf8'))?.[1]?.trim();
    if (!gitDir) return null;
    const absolute = isAbsolute(gitDir) ? gitDir : resolve(dirname(dotGit), gitDir);
    const commonFile = join(absolute, 'commondir');
    return realPath(existsSync(commonFile) ? resolve(absolute, readFileSync(commonFile, 'utf8').trim()) : absolute);
  } catch {
    return null;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
