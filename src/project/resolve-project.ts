import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { parse } from 'node:path';
import { maskSecrets } from '../text/mask-secrets.js';
import { findRepository, realPath } from './find-repository.js';

export interface Project {
  /** `proj_` and 16 hex digits of the root's SHA-256: the same wherever it is computed. */
  id: string;
  /** The git common directory, the folder, or the given name: what the id stands for. */
  root: string;
  /** Top folder of this worktree: paths in locks and notes are relative to it. */
  worktree: string;
}

/** What a lock means to agents in other worktrees: they are told of it, or excluded by it. */
export type WorktreePolicy = 'warn' | 'deny';

/** Where an agent works. */
export interface Workplace extends Project {
  /** Its own folder: where its relative paths begin. */
  folder: string;
  /** False in `/` or the home folder, when no other folder is known: relative paths mean nothing there. */
  isKnown: boolean;
  /** POPSTASH_PROJECT names the project: all files of its agents belong to it, in whatever repository. */
  isNamed: boolean;
  /** POPSTASH_WORKTREES of its client. */
  acrossWorktrees?: WorktreePolicy | undefined;
}

/**
 * Finds the project of a working folder: POPSTASH_PROJECT if set, else the git common directory (so that all worktrees
 * of a repository share one board), else the folder. `/` and the home folder are no projects of their own, unless they
 * are repositories: they stand for the user.
 * @param override POPSTASH_PROJECT; a secret in it, as of a repository's address, is no part of the name
 * @param home the home folder of the user whose process works there
 */
export function resolveProject(cwd: string, override: string | undefined, home = homedir()): Workplace {
  const folder = realPath(cwd);
  const repository = findRepository(folder);
  const isKnown = repository !== null || !isNoProject(folder, home);
  const own = isKnown ? folder : realPath(home);
  const root = (override === undefined ? undefined : maskSecrets(override)) ?? repository?.root ?? own;
  const worktree = repository?.worktree ?? own;
  return { id: identifyProject(root), root, worktree, folder, isKnown, isNamed: override !== undefined };
}

/** The id of the project whose root, or given name, this is. */
export function identifyProject(root: string): string {
  return `proj_${createHash('sha256').update(root).digest('hex').slice(0, 16)}`;
}

/** Where the files are that a workplace's notes speak of; undefined in `/` and the home folder. */
export function knownWorktree({ worktree, isKnown }: Workplace): string | undefined {
  return isKnown ? worktree : undefined;
}

/** Where clients start servers that they tell no folder. */
function isNoProject(folder: string, home: string): boolean {
  return folder === parse(folder).root || folder === realPath(home);
}
