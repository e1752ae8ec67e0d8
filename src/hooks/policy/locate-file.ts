import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import { GlobError } from '../../globs/glob-error.js';
import { normalizePattern } from '../../globs/normalize-pattern.js';
import type { Pattern } from '../../globs/pattern-types.js';
import type { HookRequest } from '../../ipc/control-protocol.js';
import { resolveProject } from '../../project/resolve-project.js';
import type { HookContext } from './guard-types.js';

type FileContext = Pick<HookContext, 'worktree' | 'root'> & { request: Pick<HookRequest, 'cwd'> };

/** A file in a worktree of the project. */
export interface LocatedFile {
  /** Its path relative to its worktree, as locks name it. */
  pattern: Pattern;
  absolute: string;
  worktree: string;
}

/**
 * Finds a file that a request names in the project: relative to the file's own worktree when that belongs to the same
 * repository, else to the context's. A link is followed, since its target would be changed; where the link itself lies in
 * the project under another name, both are returned. Empty for a file outside the project.
 * @param path absolute, or relative to the request's folder
 */
export function locateFile(path: string, { request: { cwd }, worktree, root }: FileContext): LocatedFile[] {
  const absolute = isAbsolute(path) ? path : resolve(cwd, path);
  const named = join(realFolder(dirname(absolute)), basename(absolute));
  const found = new Map<string, LocatedFile>();
  for (const candidate of new Set([named, realFile(named)])) {
    const top = chooseWorktree(candidate, worktree, root);
    const pattern = top === null ? null : toPattern(relative(top, candidate), top);
    if (top !== null && pattern) found.set(pattern.key, { pattern, absolute: candidate, worktree: top });
  }
  return [...found.values()];
}

function chooseWorktree(file: string, worktree: string, root: string): string | null {
  const own = resolveProject(nearestFolder(dirname(file)), undefined);
  if (own.root === root) return own.worktree;
  const path = relative(worktree, file);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? null : worktree;
}

function toPattern(path: string, worktree: string): Pattern | null {
  try {
    return normalizePattern(path, { worktree, foldsCase: detectCaseFolding(worktree), isFile: true });
  } catch (error) {
    // A name that no lock can have.
    if (error instanceof GlobError) return null;
    throw error;
  }
}

/** The real path of a folder whose last parts may not exist yet. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    const parent = dirname(folder);
    return parent === folder ? folder : join(realFolder(parent), basename(folder));
  }
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

function realFile(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
