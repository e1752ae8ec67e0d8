import type { Evidence } from './fuse-evidence.js';
import type { Term, TermGroup } from './lexical-types.js';

const MAX_WORDS = 5;

/** A word of the query, and the ordinals of the terms that a hit must hold to hold the word. */
export interface TracedTerm {
  ords: number[];
  word: string;
}

/**
 * The words of a query as the user wrote them, without those that name nothing, the rarest first. Once a query, since its
 * hits are many.
 */
export function traceTerms(terms: readonly Term[], groups: readonly TermGroup[]): TracedTerm[] {
  const cut = groups.filter(({ isCut }) => isCut);
  const grams = new Set(cut.flatMap(({ ords }) => ords));
  const dfOf = new Map(terms.map(({ ord, df }) => [ord, df]));
  const whole = terms
    .filter(({ ord, stop }) => !stop && !grams.has(ord))
    .map(({ ord, word, identifier, df }) => ({ ords: [ord], word: identifier ? word.slice(1) : word, df }));
  const named = cut
    .filter(({ functional }) => !functional)
    .map(({ ords, text }) => ({ ords, word: text, df: Math.min(...ords.map((ord) => dfOf.get(ord) ?? 0)) }));
  return [...whole, ...named].sort((a, b) => a.df - b.df).map(({ ords, word }) => ({ ords, word }));
}

/** The words that a hit contains, at most MAX_WORDS. */
export function matchedWords(traced: readonly TracedTerm[], ords: readonly number[]): string[] {
  const words = new Set<string>();
  for (const { ords: wanted, word } of traced) {
    if (words.size >= MAX_WORDS) break;
    if (wanted.every((ord) => ords.includes(ord))) words.add(word);
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
