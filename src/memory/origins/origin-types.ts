/** Where a memory was written. */
export interface MemoryOrigin {
  /** Absolute path of the top folder of the worktree, or of the plain folder. */
  worktree: string;
  /** Tells the worktree where it was moved to; null in a plain folder. */
  worktreeMark: string | null;
  /** Null where a commit alone was checked out, and in a plain folder. */
  branch: string | null;
  /** Null before the first commit, and in a plain folder. */
  commit: string | null;
  /** Git's ids of what the files that it names held, by path; null of one that changed just then. */
  files: Record<string, string | null>;
}

/** How a memory differs from where it is read. What is well is empty. */
export interface Holds {
  /** The branch that is not merged here, or the beginning of a commit without a branch. */
  notMerged: string | null;
  /** The worktree in which it was written, when it is another one. */
  otherWorktree: string | null;
  /** Files that it names, with another content than when it was written. */
  changedFiles: string[];
  missingFiles: string[];
  /** What could not be decided. */
  unknown: ('branch' | 'worktree' | 'files')[];
}
