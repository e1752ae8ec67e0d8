import type { Evidence } from './fuse-evidence.js';
import type { Term } from './search-lexically.js';

const MAX_WORDS = 5;

/** A term of the query and the word that the user wrote for it. */
export interface TracedTerm {
  ord: number;
  word: string;
}

/**
 * The user's own words for the terms of a query: lexemes (stems, parts of identifiers) are traced back to the query, stop
 * words are left out, the rarest come first. Once a query, since its hits are many.
 */
export function traceTerms(query: string, terms: readonly Term[]): TracedTerm[] {
  const written =
    query
      .slice(0, 4_000)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const wordOf = ({ lexeme, identifier }: Term): string => {
    if (identifier) return lexeme.slice(1);
    return written.find((word) => word === lexeme) ?? written.find((word) => shareStem(word, lexeme)) ?? lexeme;
  };
  return terms
    .filter((term) => !term.stop)
    .sort((a, b) => a.df - b.df)
    .map((term) => ({ ord: term.ord, word: wordOf(term) }));
}

/** The traced words of the terms that a hit holds, the first of them. */
export function matchedWords(traced: readonly TracedTerm[], ords: readonly number[]): string[] {
  const words = new Set<string>();
  for (const { ord, word } of traced) {
    if (words.size >= MAX_WORDS) break;
    if (ords.includes(ord)) words.add(word);
  }
  return [...words];
}

/** Snowball changes at most a word's last letters (happy, happi; migration, migrat). */
function shareStem(word: string, stem: string): boolean {
  return stem.length > 2 && word.startsWith(stem.slice(0, -1));
}

/** The evidence in a few words: `name: 0.82; words: jwt, token; meaning 0.71`. */
export function explainHit(evidence: Evidence): string {
  const parts: string[] = [];
  if (evidence.nameMatch >= 1) parts.push('exact name');
  else if (evidence.nameMatch > 0.4) parts.push(`name ${evidence.nameMatch.toFixed(2)}`);
  if (evidence.words.length > 0) parts.push(`words: ${evidence.words.join(', ')}`);
  if (evidence.cosine !== null) parts.push(`meaning ${Math.max(0, evidence.cosine).toFixed(2)}`);
  return parts.join('; ') || 'weak match';
}
