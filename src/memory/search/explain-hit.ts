import type { Evidence } from './fuse-evidence.js';
import type { Term } from './search-lexically.js';

const MAX_WORDS = 5;

/** A term of the query as the word that the user wrote. */
export interface TracedTerm {
  ord: number;
  word: string;
}

/**
 * The terms of a query as the user's own words, without stop words, the rarest first. Once a query, since its hits are
 * many.
 */
export function traceTerms(terms: readonly Term[]): TracedTerm[] {
  return terms
    .filter((term) => !term.stop)
    .sort((a, b) => a.df - b.df)
    .map(({ ord, word, identifier }) => ({ ord, word: identifier ? word.slice(1) : word }));
}

/** The words of the terms that a hit contains, at most MAX_WORDS. */
export function matchedWords(traced: readonly TracedTerm[], ords: readonly number[]): string[] {
  const words = new Set<string>();
  for (const { ord, word } of traced) {
    if (words.size >= MAX_WORDS) break;
    if (ords.includes(ord)) words.add(word);
  }
  return [...words];
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
