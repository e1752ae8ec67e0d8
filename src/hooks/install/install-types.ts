/** A file that `popstash init` writes, and how its part of the file is taken out again. */
export interface Target {
  /** Absolute. */
  path: string;
  isExecutable: boolean;
  /** Folders that exist for such files alone, innermost first. */
  folders?: readonly string[];
  /** It serves all worktrees of the repository: taken out with the last one that init was run in. */
  isShared?: boolean;
  /** A link in its place is replaced by a file, and put back: what it leads to may be another's. Else it is followed. */
  replacesLink?: boolean;
  /** It serves all projects of the user: taken out with the last one. */
  isOfMachine?: boolean;
  /** What a person would add to the file, where it can't be edited. */
  paste?: string;
  /** Never written: what another program has made of a file of ours. */
  isOnlyRemoved?: boolean;
  /**
   * The content with our part in it, unchanged when the part is there already.
   * @param before null when there is no such file
   * @throws Error when the file can't be read as what it should be: it is left alone
   */
  add(before: string | null): string;
  /** The content without our part; null when it held nothing else. */
  remove(content: string): string | null;
}

export interface FileChange {
  path: string;
  /** The same without links. */
  real: string;
  /** What the user should know of it: that a link leads there, for example. */
  note?: string;
  before: string | null;
  after: string | null;
  isExecutable: boolean;
  /** See Target. */
  replacesLink: boolean;
}

/** How the written files start this program. */
export interface Invocation {
  /** Its launcher on this machine: for git's guards, and for files that are this user's. */
  program: string[];
  /** Starts it on any machine; null where all files name the launcher. */
  shared: string[] | null;
  /** `--data-dir …`: where the user's settings are not the defaults. */
  flags: string[];
  env: Record<string, string>;
}
