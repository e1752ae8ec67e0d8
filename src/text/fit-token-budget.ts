import { createTokenMeter, type TokenMeter } from './estimate-tokens.js';

export interface BudgetEntry {
  text: string;
  /** Tokens of the JSON around the text in the answer: names of fields, ids, author, age. */
  frameTokens: number;
}

export interface BudgetOptions {
  /** Tokens (o200k), estimated. */
  tokenBudget: number;
  /** A text that does not fit whole is worth its frame only from this many tokens on. */
  minTextTokens: number;
  /** Entries that are shown even where the budget is too small for them. */
  minEntries?: number;
}

export interface FittedText {
  text: string;
  /** UTF-16 units of the text that were left out. */
  omittedChars: number;
}

/** UTF-16 units of English or code that one token stands for, on the long side. */
const MAX_CHARS_PER_TOKEN = 5;

/** How much of a text, in UTF-16 units, can be of use to an answer of this budget: no more needs to be read. */
export function maxUsefulChars(tokenBudget: number): number {
  return tokenBudget * MAX_CHARS_PER_TOKEN;
}

/**
 * Fits texts, best first, into a token budget: as many as leave each a readable text. Short ones stay whole, long ones
 * share the rest equally. The time grows with the budget, not with the texts.
 * @returns one text for each entry that fits, in their order
 */
export function fitTokenBudget(entries: readonly BudgetEntry[], options: BudgetOptions): FittedText[] {
  const { chosen, textTokens } = chooseEntries(entries, options);
  const share = findShare(
    chosen.map(({ meter }) => meter),
    textTokens,
  );
  return chosen.map(({ text, meter }) => {
    const cut = meter.cut(share);
    return { text: cut, omittedChars: text.length - cut.length };
  });
}

/** @returns also the tokens that are left for the texts of the chosen entries */
function chooseEntries(entries: readonly BudgetEntry[], options: BudgetOptions) {
  const { tokenBudget, minTextTokens, minEntries = 0 } = options;
  const chosen: { text: string; meter: TokenMeter }[] = [];
  let left = tokenBudget;
  let textTokens = tokenBudget;
  for (const { text, frameTokens } of entries) {
    const meter = createTokenMeter(text);
    const minTokens = frameTokens + (meter.fits(minTextTokens) ? meter.tokens() : minTextTokens);
    if (minTokens > left && chosen.length >= minEntries) break;
    left -= minTokens;
    textTokens -= frameTokens;
    chosen.push({ text, meter });
  }
  return { chosen, textTokens: Math.max(textTokens, minTextTokens) };
}

/** The largest number of tokens that each text may take, so that all of them together take no more than `tokens`. */
function findShare(meters: readonly TokenMeter[], tokens: number): number {
  let left = tokens;
  let long = meters;
  for (;;) {
    const share = Math.floor(left / Math.max(1, long.length));
    const longer = long.filter((meter) => !meter.fits(share));
    if (longer.length === long.length) return share;
    // What the shorter ones do not use goes to the others.
    for (const meter of long) if (!longer.includes(meter)) left -= meter.tokens();
    long = longer;
  }
}
