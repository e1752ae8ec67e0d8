import { createHash } from 'node:crypto';

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
  /** On another machine, whose files this process does not read: what that machine's own process tells. */
  member?: MemberPlace | undefined;
}

/** Who works there, and what that member's own process tells of the place. */
export interface MemberPlace {
  person: string;
  branch: string | null;
}

/** Which records of projects count. */
export interface RecordsPlace {
  dataDir: string;
  /** What the ids belong to: one data folder may serve an embedded database and several servers. */
  store: string;
}

/** The id of a project that no record names: it follows from its root, or from its given name. */
export function identifyProject(root: string): string {
  return `proj_${createHash('sha256').update(root).digest('hex').slice(0, 16)}`;
}

/** Where the files are that a workplace's notes speak of; undefined in `/` and the home folder, and on another machine. */
export function knownWorktree({ worktree, isKnown, member }: Workplace): string | undefined {
  return isKnown && !member ? worktree : undefined;
}
