import { yieldToEventLoop } from '../async/yield-to-event-loop.js';
import { findSecrets, mayHoldSecrets } from './secrets/find-secrets.js';
import { LINT_ANCHORS, lintSecrets } from './secrets/lint-secrets.js';
import { replaceFindings, type TakenSecret } from './secrets/replace-findings.js';

export interface RedactedText {
  text: string;
  /** Kinds of what was redacted, each once, in the order of their first occurrence; empty when the text is unchanged. */
  redacted: string[];
  /** Each secret that was taken out, by its kind and its line in the text that came. */
  taken: TakenSecret[];
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

/** The product's own rules, and those of secretlint, which is imported when a text first needs it. */
export function createRedactor(): Redactor {
  async function apply(text: string, isFull: boolean): Promise<RedactedText> {
    const findings = await findSecrets(text, isFull);
    await yieldToEventLoop();
    if (isFull || LINT_ANCHORS.test(text)) findings.push(...(await lintSecrets(text)));
    if (findings.length === 0) return { text, redacted: [], taken: [] };
    await yieldToEventLoop();
    const { text: clean, taken } = replaceFindings(text, findings);
    return { text: clean, redacted: [...new Set(taken.map(({ kind }) => kind))], taken };
  }

  return {
    mayHoldSecret: (text) => mayHoldSecrets(text) || LINT_ANCHORS.test(text),
    redact: (text) => apply(text, false),
    redactFully: (text) => apply(text, true),
  };
}
