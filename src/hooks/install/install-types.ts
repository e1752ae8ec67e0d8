/** A file that `popstash init` writes, and how its part of it is taken out again. */
export interface Target {
  /** Absolute. */
  path: string;
  isExecutable: boolean;
  /** Folders that are there for such files alone, innermost first. */
  folders?: readonly string[];
  /**
   * The content with our part in it, the same when that is there already.
   * @param before null when there is no such file
   * @throws Error when the file can't be read as what it should be: it is left alone
   */
  add(before: string | null): string;
  /** The content without our part; null when nothing but that was in it. */
  remove(content: string): string | null;
}

export interface FileChange {
  path: string;
  before: string | null;
  after: string | null;
  isExecutable: boolean;
}

export const CLIENTS = ['claude', 'cursor', 'cline'] as const;
export type ClientName = (typeof CLIENTS)[number];

/** How the written files start this program. */
export interface Invocation {
  /** `popstash`, or node and the script. */
  program: string[];
  /** `popstash hook`, or node and the script that is made for it alone. */
  hook: string[];
  /** `--data-dir …`: where the user's settings are not the defaults. */
  flags: string[];
  env: Record<string, string>;
}
