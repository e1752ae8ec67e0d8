/** A lock's pattern: one literal path, or a glob. */
export interface Pattern {
  /** As it was written, normalised: relative to the worktree, '/' separated. Shown to people. */
  pattern: string;
  /** What is compared: in Unicode form C, and in one case where the file system folds case. */
  key: string;
  /** False: key is one literal path; no character in it has a special meaning. */
  isGlob: boolean;
  /** Of a literal the whole key; of a glob its leading folders without any special character, ending in '/', or ''. */
  base: string;
}
