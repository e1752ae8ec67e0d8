import type { Term, TermGroup } from './lexical-types.js';
import type { GramWord } from './segment-query.js';

/** Grams that are looked up, of words that name something first. */
const MAX_GRAMS = 96;
/** What all grams of a word weigh together beside a term's 1, and a gram of what names nothing. */
const NAMED_WEIGHT = 1;
const FUNCTIONAL_WEIGHT = 0.1;

export interface WeighedGram {
  lexeme: string;
  weight: number;
  functional: boolean;
}

/** The grams of a query's words, each once, with their weights. */
export function weighGrams(words: readonly GramWord[]): WeighedGram[] {
  const grams = new Map<string, WeighedGram>();
  for (const { grams: ofWord, functional } of [...words].sort((a, b) => Number(a.functional) - Number(b.functional))) {
    for (const lexeme of ofWord) {
      if (grams.size >= MAX_GRAMS) break;
      const weight = functional ? FUNCTIONAL_WEIGHT : NAMED_WEIGHT / ofWord.length;
      if (!grams.has(lexeme)) grams.set(lexeme, { lexeme, weight, functional });
    }
  }
  return [...grams.values()];
}

/** The terms of a query by the words that they stand for; identifiers, which repeat words, are left out. */
export function groupTerms(terms: readonly Term[], cut: readonly GramWord[]): TermGroup[] {
  const byLexeme = new Map(terms.map((term) => [term.lexeme, term]));
  const cutGroups = cut.map(({ text, grams, functional }) => ({
    text,
    ords: grams.flatMap((gram) => byLexeme.get(gram)?.ord ?? []),
    isCut: true,
    functional,
  }));
  const ofCut = new Set(cut.flatMap(({ grams }) => grams));
  const groups = new Map<string, TermGroup>();
  for (const { lexeme, word, ord, stop, identifier } of terms) {
    if (identifier || ofCut.has(lexeme)) continue;
    const group = groups.get(word) ?? { text: word, ords: [], isCut: false, functional: true };
    group.ords.push(ord);
    group.functional &&= stop;
    groups.set(word, group);
  }
  return [...groups.values(), ...cutGroups.filter(({ ords }) => ords.length > 0)];
}
