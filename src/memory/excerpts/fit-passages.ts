import { type BudgetEntry, type BudgetOptions, type FittedText, fitTokenBudget } from '../../text/fit-token-budget.js';

export interface PassageEntry extends BudgetEntry {
  /** Characters of the memory that were not read. */
  unreadChars: number;
}

/** Fits are repeated until no further text is cut; the first few settle nearly all. */
const MAX_FITS = 5;

/**
 * Fits texts into a token budget, of which those that are not whole take some tokens more, for the place of their passage.
 * @param placeTokens tokens of that
 */
export function fitPassages(
  entries: readonly PassageEntry[],
  options: BudgetOptions,
  placeTokens: number,
): FittedText[] {
  const cut = new Set<number>();
  let fitted: FittedText[] = [];
  for (let fit = 0; fit < MAX_FITS; fit += 1) {
    fitted = fitTokenBudget(
      entries.map((entry, index) => ({
        ...entry,
        frameTokens: entry.frameTokens + (cut.has(index) ? placeTokens : 0),
      })),
      options,
    ).map((text, index) => ({ ...text, omittedChars: text.omittedChars + (entries[index]?.unreadChars ?? 0) }));
    const before = cut.size;
    for (const [index, { omittedChars }] of fitted.entries()) if (omittedChars > 0) cut.add(index);
    if (cut.size === before) break;
  }
  return fitted;
}
