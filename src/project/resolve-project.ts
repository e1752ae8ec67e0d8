import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { parse } from 'node:path';
import { maskSecrets } from '../text/mask-secrets.js';
import { findRepository, realPath } from './find-repository.js';

export interface Project {
  /** `proj_` and 16 hex digits: what memories, agents and locks belong to. It stays when the project moves. */
  id: string;
  /** The git common directory, the folder, or the given name. */
  root: string;
  /** Top folder of this worktree: paths in locks and notes are relative to it. */
  worktree: string;
}

/** What a lock means to agents in other worktrees: they are told of it, or excluded by it. */
export type WorktreePolicy = 'warn' | 'deny';

/** Where somebody works, as paths tell it. */
export interface ProjectLocation extends Pick<Project, 'root' | 'worktree'> {
  /** Its own folder: where its relative paths begin. */
  folder: string;
  /** False in `/` or the home folder, when no other folder is known: relative paths mean nothing there. */
  isKnown: boolean;
  /** POPSTASH_PROJECT names the project: all files of its agents belong to it, in whatever repository. */
  isNamed: boolean;
  /** It is in a repository. */
  isRepository: boolean;
  /** Top folder of a repository of another user that it is in, which is not taken for one. */
  refused: string | null;
}

/** Where an agent works. */
export interface Workplace extends Project, ProjectLocation {
  /** POPSTASH_WORKTREES of its client. */
  acrossWorktrees?: WorktreePolicy | undefined;
  /** Where it is recorded to which project a folder belongs. */
  records: RecordsPlace;
}

/** Which records of projects count. */
export interface RecordsPlace {
  dataDir: string;
  /** What the ids belong to: one data folder may serve an embedded database and several servers. */
  store: string;
}

/**
 * Finds the place of a working folder: POPSTASH_PROJECT if set, else the git common directory (so that all worktrees
 * of a repository share one board), else the folder. `/` and the home folder are no projects of their own, unless they
 * are repositories: they stand for the user.
 * @param override POPSTASH_PROJECT; a secret in it, as of a repository's address, is no part of the name
 * @param home the home folder of the user whose process works there
 */
export function locateProject(cwd: string, override: string | undefined, home = homedir()): ProjectLocation {
  const folder = realPath(cwd);
  let refused: string | null = null;
  const repository = findRepository(folder, (worktree) => {
    refused ??= worktree;
  });
  const isKnown = repository !== null || !isNoProject(folder, home);
  const own = isKnown ? folder : realPath(home);
  return {
    root: (override === undefined ? undefined : maskSecrets(override)) ?? repository?.root ?? own,
    worktree: repository?.worktree ?? own,
    folder,
    isKnown,
    isNamed: override !== undefined,
    isRepository: repository !== null,
    refused,
  };
}

/** The id of a project that no record names: it follows from its root, or from its given name. */
export function identifyProject(root: string): string {
  return `proj_${createHash('sha256').update(root).digest('hex').slice(0, 16)}`;
}

/** Where the files are that a workplace's notes speak of; undefined in `/` and the home folder. */
export function knownWorktree({ worktree, isKnown }: Workplace): string | undefined {
  return isKnown ? worktree : undefined;
}

/** Where clients start servers that they tell no folder. */
export function isNoProject(folder: string, home: string): boolean {
  return folder === parse(folder).root || folder === realPath(home);
}
