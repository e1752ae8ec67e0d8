import type { FileState } from './file-states.js';
import type { FileList } from './list-files.js';

/** The part of a lock that a snapshot needs. */
export interface Watched {
  key: string;
  isGlob: boolean;
  /** As written; of a literal the file's path relative to the worktree. */
  pattern: string;
  /** `hook`: claimed by an edit. */
  origin?: 'tool' | 'hook';
}

/** State of held files at one moment. */
export interface Snapshot {
  /** When it was begun, in ms since 1970. */
  at: number;
  /** By key of the path, as locks are compared; null for a path that does not exist. A path that was not looked at is missing. */
  files: Map<string, FileState | null>;
  /** Paths relative to the worktree that globs found, by key. */
  found: Map<string, string>;
  /** False where a bound left files out. */
  isComplete: boolean;
  listedBy: FileList['listedBy'];
  /** Stands for the rules by which files are ignored. */
  rules: string;
}
