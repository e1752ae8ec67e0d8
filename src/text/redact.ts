import { yieldToEventLoop } from '../async/yield-to-event-loop.js';
import { LINT_ANCHORS, lintSecrets } from './lint-secrets.js';
import { ASSIGNMENT_RULES } from './secret-assignments.js';
import {
  compileRule,
  findPrivateKeys,
  PRIVATE_KEY_ANCHORS,
  type SecretFinding,
  type SecretRule,
  TOKEN_RULES,
} from './secret-rules.js';

export interface RedactedText {
  text: string;
  /** Kinds of what was redacted, each once, in the order of their first occurrence; empty when the text is unchanged. */
  redacted: string[];
}

export interface Redactor {
  /**
   * Replaces each secret by `[redacted:KIND]`, so that it is neither stored nor queued. Deterministic and idempotent.
   * Placeholders, hashes, UUIDs and ids stay. The time is linear in the text.
   */
  redact(text: string): Promise<RedactedText>;
  /** The quick scan: false means that no rule can match. Costs microseconds a kilobyte. */
  mayHoldSecret(text: string): boolean;
  /** As `redact`, without the quick scan: all rules run. */
  redactFully(text: string): Promise<RedactedText>;
}

interface Group {
  anchors: RegExp;
  find: (text: string) => Promise<SecretFinding[]>;
}

/** Builds the expressions once; secretlint itself is imported when a text first needs it. */
export function createRedactor(): Redactor {
  const groups: readonly Group[] = [
    { anchors: union(PRIVATE_KEY_ANCHORS), find: async (text) => findPrivateKeys(text) },
    groupOf(TOKEN_RULES, ''),
    { anchors: union(LINT_ANCHORS), find: lintSecrets },
    groupOf(ASSIGNMENT_RULES, 'i'),
  ];

  async function apply(text: string, used: readonly Group[]): Promise<RedactedText> {
    const findings: SecretFinding[] = [];
    for (const group of used) {
      await yieldToEventLoop();
      for (const finding of await group.find(text)) findings.push(finding);
    }
    await yieldToEventLoop();
    return replaceFindings(text, findings);
  }

  return {
    mayHoldSecret: (text) => groups.some((group) => group.anchors.test(text)),
    redact: async (text) => {
      const used = groups.filter((group) => group.anchors.test(text));
      return used.length === 0 ? { text, redacted: [] } : await apply(text, used);
    },
    redactFully: (text) => apply(text, groups),
  };
}

/** A match of a rule contains a match of its anchor, so one expression of all anchors rules the group out. */
function groupOf(rules: readonly SecretRule[], flags: 'i' | ''): Group {
  const compiled = rules.map((rule) => ({ rule, pattern: compileRule(rule) }));
  return {
    anchors: union(
      rules.map((rule) => rule.anchor),
      flags,
    ),
    find: async (text) => {
      const findings: SecretFinding[] = [];
      for (const { rule, pattern } of compiled) await findByRule(text, rule, pattern, findings);
      return findings;
    },
  };
}

function union(anchors: readonly string[], flags = ''): RegExp {
  return new RegExp(anchors.map((anchor) => `(?:${anchor})`).join('|'), flags);
}

async function findByRule(text: string, rule: SecretRule, pattern: RegExp, findings: SecretFinding[]): Promise<void> {
  await yieldToEventLoop();
  for (const match of text.matchAll(pattern)) {
    const [start, end] = match.indices?.groups?.secret ?? match.indices?.[0] ?? [0, 0];
    const secret = text.slice(start, end);
    if (secret.startsWith('[redacted:')) continue;
    if (rule.accept === undefined || rule.accept(secret, text, start)) findings.push({ kind: rule.kind, start, end });
    // A text of 256 KB may hold ten thousand matches, whose check takes 80 ms together.
    await yieldToEventLoop();
  }
}

/** Overlapping findings become one, under the name of the rule that comes first in the lists: the most specific. */
function replaceFindings(text: string, findings: readonly SecretFinding[]): RedactedText {
  const ordered = findings
    .map((finding, rank) => ({ ...finding, rank }))
    .sort((a, b) => a.start - b.start || a.rank - b.rank);
  const merged: typeof ordered = [];
  for (const finding of ordered) {
    const last = merged.at(-1);
    if (last === undefined || finding.start >= last.end) {
      merged.push(finding);
      continue;
    }
    last.end = Math.max(last.end, finding.end);
    if (finding.rank < last.rank) {
      last.kind = finding.kind;
      last.rank = finding.rank;
    }
  }
  const parts: string[] = [];
  let from = 0;
  for (const { kind, start, end } of merged) {
    parts.push(text.slice(from, start), `[redacted:${kind}]`);
    from = end;
  }
  parts.push(text.slice(from));
  return { text: parts.join(''), redacted: [...new Set(merged.map(({ kind }) => kind))] };
}
