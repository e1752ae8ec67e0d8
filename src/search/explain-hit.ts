import type { Evidence } from './fuse-evidence.js';
import type { Term } from './search-lexically.js';

const MOST_WORDS = 5;

/**
 * The user's own words that a hit holds: lexemes (stems, parts of identifiers) are traced back to the query, stop words
 * are left out, the rarest come first.
 */
export function matchedWords(query: string, terms: readonly Term[], ords: readonly number[]): string[] {
  const held = new Set(ords);
  const written =
    query
      .slice(0, 4_000)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const words = new Set<string>();
  for (const term of [...terms].sort((a, b) => a.df - b.df)) {
    if (!held.has(term.ord) || term.stop) continue;
    if (term.identifier) words.add(term.lexeme.slice(1));
    else
      words.add(
        written.find((word) => word === term.lexeme) ??
          written.find((word) => shareStem(word, term.lexeme)) ??
          term.lexeme,
      );
    if (words.size >= MOST_WORDS) break;
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
