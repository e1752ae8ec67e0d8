import type { LexicalOutcome, TermGroup } from './lexical-types.js';

/** Weight of words that build the sentence beside a name's 1. */
const FUNCTIONAL_WEIGHT = 0.1;
/** Added to a project's passages: among three notes, that a word is in none of them says little. */
const ASSUMED_PASSAGES = 50;
/** Weight of a whole word in a query that is cut into grams otherwise: a name that is written in Latin letters everywhere. */
const FOREIGN_WEIGHT = 2;
/** A word of which only some grams were found counts by their share to this power. */
const PART_EXPONENT = 2;

/** Says which share of a query's words a memory holds, each by its rarity, 0 to 1. */
export function createCoverage(lexical: Pick<LexicalOutcome, 'groups' | 'terms' | 'passages'>) {
  const dfOf = new Map(lexical.terms.map(({ ord, df }) => [ord, df]));
  const hasCut = lexical.groups.some(({ isCut, functional }) => isCut && !functional);
  const weighed = lexical.groups.map((group) => ({ group, weight: weightOf(group) }));
  const whole = weighed.reduce((sum, { weight }) => sum + weight, 0);

  function weightOf({ ords, isCut, functional }: TermGroup): number {
    const frequencies = ords.map((ord) => dfOf.get(ord) ?? 0);
    // A word is at most as frequent as its rarest gram; a stem is in all that its forms are in.
    const df = isCut ? Math.min(...frequencies) : Math.max(...frequencies);
    const idf = Math.log(1 + (lexical.passages + ASSUMED_PASSAGES) / (df + 0.5));
    return idf * (functional ? FUNCTIONAL_WEIGHT : hasCut && !isCut ? FOREIGN_WEIGHT : 1);
  }

  return (ords: readonly number[]): number => {
    if (whole === 0 || ords.length === 0) return 0;
    const held = new Set(ords);
    return weighed.reduce((sum, { group, weight }) => sum + weight * shareHeld(group, held), 0) / whole;
  };
}

function shareHeld({ ords, isCut }: TermGroup, held: ReadonlySet<number>): number {
  const found = ords.filter((ord) => held.has(ord)).length;
  if (!isCut) return found > 0 ? 1 : 0;
  return (found / ords.length) ** PART_EXPONENT;
}
