/** A path or glob, as stored. Only `normalizePattern` makes it. */
export interface Pattern {
  /** As the person or agent wrote it, normalised: relative to the worktree, '/' separated. Shown to people. */
  pattern: string;
  /** Form that is compared: NFC, and case-folded where the file system folds case. */
  key: string;
  /** False: key is one literal path, no character in it has a special meaning. */
  isGlob: boolean;
  /**
   * Of a literal the whole key; of a glob its leading folders without any special character (unescaped), ending in '/',
   * or ''. An index of patterns is searched by it.
   */
  literalPrefix: string;
}

/** The part of a pattern that comparing needs. */
export type ComparablePattern = Pick<Pattern, 'key' | 'isGlob'>;

/** Part of a parsed glob. Braces stay choices: they are never expanded, so their number can't explode. */
export type GlobNode =
  | { kind: 'literal'; point: number }
  /** `at`: index of the character in the text, in code points. */
  | { kind: 'slash'; at: number }
  /** `?`: any one character but '/'. */
  | { kind: 'any' }
  /** `*`: any run of characters but '/'. */
  | { kind: 'star' }
  /** `**`: any number of folders where it is a whole segment, else the same as `*`. */
  | { kind: 'globstar' }
  | CharacterClass
  /** `{a,b}`; of a range `{1..9}` also its text. */
  | { kind: 'choice'; branches: GlobNode[][]; range?: string };

/** `[abc]`. It also matches its own text, since frameworks name files like this: `app/[id]/page.tsx`. */
export interface CharacterClass {
  kind: 'class';
  negated: boolean;
  /** Code points, as sorted and disjoint pairs first, last, first, last… */
  ranges: number[];
  /** As written, brackets included. */
  text: string;
}
