import type { WordList } from '../search/correct-words.js';

const MIN_CHARS = 4;
const MAX_CHARS = 32;
/** Scripts from here on (Thai) have no spaces: their lexemes are grams. */
const FIRST_WITHOUT_SPACES = 3584;

/** Lexemes that are words of letters only: what a misspelt word of a query is compared with. */
export function createLexemeWords(): { list: WordList; add(lexeme: string): void } {
  const byLength = new Map<number, Set<string>>();
  return {
    add(lexeme) {
      const chars = [...lexeme].length;
      if (chars < MIN_CHARS || chars > MAX_CHARS || /[0-9=_]/.test(lexeme)) return;
      if ((lexeme.codePointAt(0) ?? 0) >= FIRST_WITHOUT_SPACES) return;
      const alike = byLength.get(lexeme.length) ?? new Set();
      byLength.set(lexeme.length, alike.add(lexeme));
    },
    list: {
      has: (word) => byLength.get(word.length)?.has(word) ?? false,
      *ofLength(length, by) {
        for (let one = length - by; one <= length + by; one++) yield* byLength.get(one) ?? [];
      },
    },
  };
}
