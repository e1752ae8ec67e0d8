import { LRUCache } from 'lru-cache';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { ASSIGNED_SECRETS } from './assigned-secrets.js';
import { CLOUD_TOKENS } from './cloud-tokens.js';
import { CODE_TOKENS } from './code-tokens.js';
import { COMMAND_SECRETS } from './command-secrets.js';
import { findKeyBlocks, KEY_BLOCK_ANCHORS } from './key-blocks.js';
import { OTHER_TOKENS } from './other-tokens.js';
import { PLACED_SECRETS } from './placed-secrets.js';
import { createQuickScan, type QuickScan } from './quick-scan.js';
import {
  compileRule,
  type PartRule,
  type RuleMatch,
  type SecretFinding,
  type SecretRule,
  uniteAnchors,
} from './secret-types.js';
import { SERVICE_TOKENS } from './service-tokens.js';
import { uniteTokens } from './token-rule.js';

/** One search of a rule: its findings, with null between them where a caller may let other work run. */
type Search = (text: string) => Iterable<SecretFinding | null>;

/** Rules that are searched for together, where the quick scan does not rule them all out. */
interface RuleGroup {
  /** Every match of a rule of the group contains a match of this. */
  anchors: RegExp;
  searches: readonly Search[];
}

interface RuleSet {
  groups: readonly RuleGroup[];
  scan: QuickScan;
}

let compiled: RuleSet | undefined;

/** The product's own rules, the most specific first. Compiled at the first call. */
function ruleSet(): RuleSet {
  if (compiled) return compiled;
  const makers = [...CODE_TOKENS, ...CLOUD_TOKENS, ...SERVICE_TOKENS];
  const named = [...PLACED_SECRETS, ...ASSIGNED_SECRETS];
  const groups = [
    { anchors: new RegExp(KEY_BLOCK_ANCHORS.join('|')), searches: [findKeyBlocks] },
    groupOf(makers, uniteTokens(makers)),
    groupOf(OTHER_TOKENS, uniteAnchors(OTHER_TOKENS)),
    groupOf(named, uniteAnchors(named, 'i')),
    groupOf(COMMAND_SECRETS, uniteAnchors(COMMAND_SECRETS, 'i')),
  ];
  compiled = { groups, scan: createQuickScan(groups.map(({ anchors }) => anchors)) };
  return compiled;
}

function groupOf(rules: readonly (SecretRule | PartRule)[], anchors: RegExp): RuleGroup {
  const searches = rules.map((rule): Search => {
    if ('within' in rule) return (text) => findInParts(text, rule);
    const pattern = compileRule(rule);
    return (text) => findByRule(text, rule, pattern);
  });
  return { anchors, searches };
}

const REDACTED = '[redacted:';

/** What an earlier redaction left in place of a secret. */
function isRedacted({ secret, text, start }: RuleMatch): boolean {
  return secret.startsWith(REDACTED) || text.startsWith(REDACTED, start - REDACTED.length);
}

/** The matches within the parts of a text, each part read once. */
function* findInParts(text: string, rule: PartRule): Generator<SecretFinding | null> {
  const anchor = new RegExp(rule.anchor, 'gi');
  for (let begin = anchor.exec(text); begin; begin = anchor.exec(text)) {
    const from = begin.index + begin[0].length;
    const rest = text.slice(from, from + rule.maxPart);
    const length = rest.search(rule.partEnd);
    const part = length === -1 ? rest : rest.slice(0, length);
    for (const match of part.matchAll(rule.within)) {
      const [start, end] = (match.indices?.groups?.secret ?? [0, 0]).map((offset) => from + offset) as [number, number];
      const secret = text.slice(start, end);
      const found: RuleMatch = { secret, text, start, from: from + match.index };
      yield end > start && !isRedacted(found) && rule.accept(found) ? { kind: rule.kind, start, end } : null;
    }
    anchor.lastIndex = Math.max(from, from + part.length);
    yield null;
  }
}

/**
 * The matches of one rule; null after each one that it rejects, so that a caller can yield there too. A rejected match
 * hides nothing: the search goes on where its value begins, as in `token: https://x/cb?token=…`.
 */
function* findByRule(text: string, rule: SecretRule, shared: RegExp): Generator<SecretFinding | null> {
  // A search that is interrupted must not lose its position to another one.
  const pattern = new RegExp(shared.source, shared.flags);
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [start, end] = match.indices?.groups?.secret ?? match.indices?.[0] ?? [0, 0];
    const found: RuleMatch = { secret: text.slice(start, end), text, start, from: match.index };
    if (isRedacted(found)) continue;
    if (rule.accept === undefined || rule.accept(found)) yield { kind: rule.kind, start, end };
    else {
      pattern.lastIndex = nextStart(match, start);
      yield null;
    }
  }
}

/** Longest rejected match within which the search goes on: twice as long ones would take twice as long for each character. */
const MAX_RESUMED = 600;

function nextStart(match: RegExpExecArray, start: number): number {
  const end = match.index + match[0].length;
  if (match[0].length > MAX_RESUMED) return Math.max(end, match.index + 1);
  return Math.max(match.index + 1, Math.min(start, end));
}

/** False means that no rule can match. Costs some nanoseconds a character. */
export function mayHoldSecrets(text: string): boolean {
  return ruleSet().scan(text) !== 0;
}

/** The searches of the groups that the quick scan does not rule out. */
function listSearches(text: string, isFull: boolean): Search[] {
  const { groups, scan } = ruleSet();
  const found = isFull ? -1 : scan(text);
  return groups.flatMap(({ searches }, index) => ((found & (1 << index)) === 0 ? [] : searches));
}

/** All findings of the product's own rules. Lets other work of the process run in between. @param isFull without the quick scan */
export async function findSecrets(text: string, isFull: boolean): Promise<SecretFinding[]> {
  const findings: SecretFinding[] = [];
  const searches = listSearches(text, isFull);
  for (const search of searches) {
    await yieldToEventLoop();
    for (const finding of search(text)) {
      if (finding) findings.push(finding);
      // A text of 256 KB may hold ten thousand matches, whose check takes 80 ms together.
      await yieldToEventLoop();
    }
  }
  return findings;
}

/** Longest text that is remembered, in characters: a path, a name. */
const MAX_REMEMBERED_CHARS = 256;
/** Texts in which nothing was found. A call looks at the same path several times: as given, as stored, in its answer and span. */
const clean = new LRUCache<string, true>({ max: 500 });

/** The same at once, for short texts. */
export function findSecretsNow(text: string): SecretFinding[] {
  if (clean.get(text)) return [];
  const findings = listSearches(text, false).flatMap((search) => [...search(text)].filter((found) => found !== null));
  if (findings.length === 0 && text.length <= MAX_REMEMBERED_CHARS) clean.set(text, true);
  return findings;
}
