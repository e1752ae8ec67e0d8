import type { SecretFinding } from './secret-types.js';

/** What was taken out, and on which line of the text it stood, from 1. */
export interface TakenSecret {
  kind: string;
  line: number;
}

export interface ReplacedText {
  text: string;
  taken: TakenSecret[];
}

/** Replaces findings by `[redacted:KIND]`. Those that overlap become one, under the kind that was found first. */
export function replaceFindings(text: string, findings: readonly SecretFinding[]): ReplacedText {
  const parts: string[] = [];
  const taken: TakenSecret[] = [];
  let from = 0;
  let line = 1;
  for (const { kind, start, end } of mergeFindings(findings)) {
    const before = text.slice(from, start);
    line += countBreaks(before);
    taken.push({ kind, line });
    parts.push(before, `[redacted:${kind}]`);
    line += countBreaks(text.slice(start, end));
    from = end;
  }
  parts.push(text.slice(from));
  return { text: parts.join(''), taken };
}

/** A token of no known maker: any other rule knows more. */
const GENERIC = 'api-key';

/** Findings in the order of the text, none overlapping; of those that do, the first in the list is the most specific. */
export function mergeFindings(findings: readonly SecretFinding[]): SecretFinding[] {
  const ordered = findings
    .map((finding, index) => ({ ...finding, rank: finding.kind === GENERIC ? index + findings.length : index }))
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
  return merged;
}

function countBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
