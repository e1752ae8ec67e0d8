import { cutText } from './clip-text.js';

/** Runs of one kind, much as tokenizers of this family first cut a text. */
const RUNS =
  /[A-Z]?[a-z]+|[A-Z]+|\d+|(?<dense>[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]+)|(?<letters>\p{L}[\p{L}\p{M}]*)|\s+|[!-/:-@[-`{-~]+|(?<other>.)/gsu;

/** A longer run is no word: it may be cut inside. */
const MAX_WORD_CHARS = 40;

/** Estimates the tokens of a text, reading it no further than it is asked to. */
export interface TokenMeter {
  /** Whether all of the text takes at most so many tokens. */
  fits(maxTokens: number): boolean;
  /** Tokens of what was read so far; of the whole text once it fits. */
  tokens(): number;
  /**
   * The beginning that takes at most so many tokens. It ends between words, or within a run that is longer than a word.
   * @param maxTokens not less than in an earlier call of this meter
   */
  cut(maxTokens: number): string;
}

/**
 * Estimates o200k tokens: within a third of the real count for prose and code of any script. The real tokenizer is a
 * table of 200,000 entries, too much for every process to carry. docs/decisions/token-estimate.md compares the estimate
 * with a library's.
 */
export function createTokenMeter(text: string): TokenMeter {
  const runs = text.matchAll(RUNS);
  let tokens = 0;
  let next = runs.next();

  function fits(maxTokens: number): boolean {
    while (!next.done) {
      const after = tokens + tokensOfRun(next.value);
      if (after > maxTokens) return false;
      tokens = after;
      next = runs.next();
    }
    return Math.ceil(tokens) <= maxTokens;
  }

  return {
    fits,
    tokens: () => Math.ceil(tokens),
    cut(maxTokens) {
      if (fits(maxTokens) || next.done) return text;
      const { 0: run, index } = next.value;
      if (run.length > MAX_WORD_CHARS && /\S/.test(run)) {
        const share = Math.floor(maxTokens - tokens) / tokensOfRun(next.value);
        const inside = cutText(run, Math.floor(run.length * share));
        if (inside !== '') return text.slice(0, index + inside.length);
      }
      return text.slice(0, index).trimEnd();
    },
  };
}

/** How many o200k tokens a text takes, by the estimate of the meter. */
export function estimateTokens(text: string): number {
  const meter = createTokenMeter(text);
  meter.fits(Number.POSITIVE_INFINITY);
  return meter.tokens();
}

function tokensOfRun({ 0: run, groups }: RegExpExecArray): number {
  if (groups?.dense) return run.length * 0.8;
  if (groups?.letters) return run.length / 2;
  if (groups?.other) return 2;
  // A blank belongs to the word after it; a line break with its indentation is one token.
  if (/\s/.test(run)) return run === ' ' ? 0 : 1 + run.length / 40;
  if (/[a-z]/i.test(run)) return Math.ceil(run.length / 8);
  return Math.ceil(run.length / 3);
}
