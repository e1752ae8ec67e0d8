import { cutToTokens, estimateTokens } from '../../text/estimate-tokens.js';

/** Tokens of the JSON around each entry: names of fields, age, author. */
const TOKENS_PER_ENTRY = 24;
/** A cut text is worth its frame only from this many tokens on. */
const MIN_TOKENS = 48;
/** No entry is read further than this many characters: a budget is far smaller. */
export const READ_CHARS = 4_000;

export interface FittedEntry<T> {
  entry: T;
  text: string;
  /** Some of the text was left out. */
  cut: boolean;
}

/**
 * Fits entries, best first, into a token budget: as many as leave each a readable text; what is short stays whole, what
 * is long shares the rest.
 */
export function fitEntries<T extends { label: string | null; text: string }>(
  entries: readonly T[],
  tokenBudget: number,
): FittedEntry<T>[] {
  let left = tokenBudget;
  const chosen: { entry: T; read: string; size: number }[] = [];
  for (const entry of entries) {
    const read = entry.text.slice(0, READ_CHARS);
    const size = estimateTokens(read);
    const least = TOKENS_PER_ENTRY + estimateTokens(entry.label ?? '') + Math.min(size, MIN_TOKENS);
    if (least > left) break;
    left -= least;
    chosen.push({ entry, read, size });
  }
  const allowed = new Map<T, number>();
  // Shortest first: whatever a short text does not use goes to the longer ones.
  const order = [...chosen].sort((a, b) => a.size - b.size);
  order.forEach(({ entry, size }, position) => {
    const more = Math.min(Math.max(0, size - MIN_TOKENS), Math.floor(left / (order.length - position)));
    allowed.set(entry, Math.min(size, MIN_TOKENS) + more);
    left -= more;
  });
  return chosen.map(({ entry, read, size }) => {
    const text = size <= (allowed.get(entry) ?? 0) ? read : cutToTokens(read, allowed.get(entry) ?? 0);
    return { entry, text, cut: text.length < entry.text.length };
  });
}
