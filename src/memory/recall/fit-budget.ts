/** Characters of English or code that one o200k token stands for, on the short side so that a budget holds. */
const CHARS_PER_TOKEN = 3.5;

/** Characters of a text that can be of use: beyond, a budget is used up. */
export function mostChars(tokenBudget: number): number {
  return Math.ceil(tokenBudget * CHARS_PER_TOKEN) + MIN_CHARS;
}

/** Tokens of the JSON around each result: ids, scores, author, age. */
const TOKENS_PER_RESULT = 75;

/** A cut text is worth showing only from this length on. */
const MIN_CHARS = 80;

export interface FittedText {
  text: string;
  /** Characters that were left out. */
  omitted: number;
}

/**
 * Fits texts, best first, into a token budget: what is short stays whole, what is long shares what is left.
 * @returns one entry a text that fits; fewer entries than texts when even their frames would not fit.
 */
export function fitBudget(texts: readonly string[], tokenBudget: number): FittedText[] {
  const count = Math.max(
    1,
    Math.min(texts.length, Math.floor(tokenBudget / (TOKENS_PER_RESULT + MIN_CHARS / CHARS_PER_TOKEN))),
  );
  const shown = texts.slice(0, count);
  let left = Math.max(MIN_CHARS, (tokenBudget - shown.length * TOKENS_PER_RESULT) * CHARS_PER_TOKEN);
  const allowed = new Map<number, number>();
  // Shortest first: whatever a short text does not use goes to the longer ones.
  const order = shown.map((text, index) => ({ index, length: text.length })).sort((a, b) => a.length - b.length);
  order.forEach(({ index, length }, position) => {
    const take = Math.min(length, Math.max(MIN_CHARS, Math.floor(left / (order.length - position))));
    allowed.set(index, take);
    left -= take;
  });
  return shown.map((text, index) => cut(text, allowed.get(index) ?? 0));
}

function cut(text: string, length: number): FittedText {
  if (text.length <= length) return { text, omitted: 0 };
  // Never between the halves of a surrogate pair.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return { text: text.slice(0, end), omitted: text.length - end };
}
