/** Runs of one kind, much as tokenizers of this family first cut a text. */
const RUNS =
  /[A-Z]?[a-z]+|[A-Z]+|\d+|(?<dense>[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]+)|(?<letters>\p{L}[\p{L}\p{M}]*)|\s+|[!-/:-@[-`{-~]+|(?<other>.)/gsu;

/**
 * How many o200k tokens a text takes: within a fifth for prose and code, rather too many for scripts other than Latin.
 * The real tokenizer is a table of 200,000 entries, which no process of ours should carry for this.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const run of text.matchAll(RUNS)) tokens += tokensOfRun(run);
  return Math.ceil(tokens);
}

/** The beginning of a text that takes at most so many tokens, about, ending between words; never half of a pair. */
export function cutToTokens(text: string, tokens: number): string {
  let taken = 0;
  for (const run of text.matchAll(RUNS)) {
    taken += tokensOfRun(run);
    if (taken > tokens) return text.slice(0, run.index).trimEnd();
  }
  return text;
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
