/** Where a secret is, in UTF-16 offsets [start, end), and what it is. */
export interface SecretFinding {
  kind: string;
  start: number;
  end: number;
}

/** One match of a rule, for its check. */
export interface RuleMatch {
  /** What would be replaced. */
  secret: string;
  text: string;
  /** Offset of the secret. */
  start: number;
  /** Offset of the whole match: where the name before a value begins. */
  from: number;
  /** It stands between quotes or tags, as the rule knows. */
  isMarked?: true;
}

/** Finds secrets in a part of a text that an anchor begins, such as the flags of a command line. */
export interface PartRule {
  kind: string;
  /** As of a rule: every part begins with a match of it. */
  anchor: string;
  /** Where a part ends, and how long it is at most: what is behind it belongs to another one. */
  partEnd: RegExp;
  maxPart: number;
  /** The pairs within a part, with a group named `secret`. */
  within: RegExp;
  accept: (match: RuleMatch) => boolean;
}

export interface SecretRule {
  /** Says what is redacted: `[redacted:KIND]`. Lower case with hyphens. */
  kind: string;
  /**
   * Regular expression source of the part that every match contains. The rule's expression is
   * `before + stem + anchor + rest`, so a text without a match of stem and anchor has no match of the rule: that makes the
   * quick scan a safe shortcut. It begins with a literal where it can: an expression that begins by looking back is slow.
   */
  anchor: string;
  /** The part before the anchor that several rules share, such as names; the quick scan looks for it once. */
  stem?: string;
  /** Goes before the anchor; the default keeps a prefix from being found inside a word. */
  before?: string;
  /** Goes after the anchor. A group named `secret` is what is redacted, else all of the match. */
  rest: string;
  ignoreCase?: boolean;
  /** Checks a match: false leaves the text as it is, and the search goes on within the match. */
  accept?: (match: RuleMatch) => boolean;
}

const NOT_IN_WORD = '(?<![A-Za-z])';

/** The rule's expression, with offsets of its groups. */
export function compileRule({ before = NOT_IN_WORD, stem = '', anchor, rest, ignoreCase }: SecretRule): RegExp {
  return new RegExp(before + stem + anchor + rest, ignoreCase ? 'dgi' : 'dg');
}

/** One expression that matches wherever a rule can: without a match of it none of them has one. */
export function uniteAnchors(rules: readonly { anchor: string; stem?: string }[], flags: 'i' | '' = ''): RegExp {
  const byStem = new Map<string, string[]>();
  for (const { anchor, stem = '' } of rules) byStem.set(stem, [...(byStem.get(stem) ?? []), anchor]);
  const parts = [...byStem].map(([stem, anchors]) => `${stem}(?:${[...new Set(anchors)].join('|')})`);
  return new RegExp(parts.join('|'), flags);
}
