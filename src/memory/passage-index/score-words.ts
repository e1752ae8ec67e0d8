import type { MemoryKind } from '../memory-types.js';
import { B, K1, STOP_WEIGHT } from '../search/lexical-sql.js';
import type { Term } from '../search/lexical-types.js';
import { MAX_CANDIDATES, MAX_SCORED_PASSAGES } from '../search/search-lexically.js';
import type { QueryLexeme } from './analyze-query.js';
import { createBest } from './keep-best.js';
import { GONE, type Owner, type Postings, type ProjectIndex } from './project-index.js';

export interface ScoredMemory {
  owner: Owner;
  /** Of its best passage; not divided by the query's bound. */
  bm25: number;
  ords: number[];
}

export interface WordScores {
  terms: Omit<Term, 'word'>[];
  passages: number;
  meanLength: number;
  /** The memories that words found, best first, at most MAX_CANDIDATES. */
  found: ScoredMemory[];
  /** BM25 of the best passage with words of each of these memories; those without one are left out. */
  ofOwners(owners: readonly Owner[]): ScoredMemory[];
}

interface HeldTerm extends Omit<Term, 'word'> {
  postings: Postings;
}

interface RankedSlot {
  slot: number;
  id: number;
  /** FOUND or IDENTIFIED. */
  state: number;
  idf: number;
}

/**
 * What the statement of searchLexically finds for a project without statistics, from memory: document frequencies, the
 * passages with the highest sum of idf, their BM25, and the best memories.
 */
export function scoreWords(
  index: ProjectIndex,
  lexemes: readonly QueryLexeme[],
  kinds: readonly MemoryKind[],
  now: number,
): WordScores {
  const { worded, length } = index.totals;
  const meanLength = Math.max(worded > 0 ? length / worded : 1, 1);
  const terms = lexemes.map((lexeme) => weigh(index, lexeme, worded, now));
  const held = terms.flatMap((term): HeldTerm[] => {
    const postings = index.postings.get(term.lexeme);
    return term.df > 0 && postings ? [{ ...term, postings }] : [];
  });
  const scores = addUp(index, held, meanLength);

  function bestOf(slots: Iterable<number>): ScoredMemory[] {
    const best = new Map<Owner, { slot: number; id: number; bm25: number }>();
    for (const slot of slots) {
      const passage = index.passages[slot];
      if (!passage?.hasWords) continue;
      const bm25 = scores.bm25[slot] ?? 0;
      const known = best.get(passage.owner);
      if (!known || bm25 > known.bm25 || (bm25 === known.bm25 && passage.id < known.id))
        best.set(passage.owner, { slot, id: passage.id, bm25 });
    }
    const ords = findOrds(
      held,
      Array.from(best.values(), ({ slot }) => slot),
    );
    return Array.from(best, ([owner, { slot, bm25 }]) => ({ owner, bm25, ords: ords.get(slot) ?? [] }));
  }

  const ranked = rankSlots(index, scores, kinds, now).map(({ slot }) => slot);
  const found = bestOf(ranked).sort((a, b) => b.bm25 - a.bm25 || (a.owner.id < b.owner.id ? -1 : 1));
  return {
    terms,
    passages: worded,
    meanLength,
    found: found.slice(0, MAX_CANDIDATES),
    ofOwners: (owners) => bestOf(owners.flatMap(({ slots }) => slots)),
  };
}

function weigh(index: ProjectIndex, lexeme: QueryLexeme, worded: number, now: number): Omit<Term, 'word'> {
  const df = countUnexpired(index, lexeme.lexeme, now);
  const weight = lexeme.identifier ? 0 : (lexeme.weight ?? (lexeme.stop ? STOP_WEIGHT : 1));
  const idf = weight * Math.log(1 + (Math.max(worded, df) - df + 0.5) / (df + 0.5));
  const { ord, identifier, stop } = lexeme;
  return { ord, lexeme: lexeme.lexeme, identifier, stop, df, idf };
}

/** Document frequency among the passages that have not expired. */
function countUnexpired(index: ProjectIndex, lexeme: string, now: number): number {
  const slots = index.postings.get(lexeme)?.slots ?? [];
  const { lengths, passages } = index;
  const mayExpire = index.totals.expiring > 0;
  let df = 0;
  for (const slot of slots) {
    if (lengths[slot] === GONE) continue;
    if (!mayExpire || (passages[slot]?.expiresAt ?? 0) > now) df += 1;
  }
  return df;
}

const FOUND = 1;
const IDENTIFIED = 2;

/** By slot: the sum of the idf of its terms, its BM25, and whether it holds a term, or an identifier, of the query. */
function addUp({ lengths }: ProjectIndex, held: readonly HeldTerm[], meanLength: number) {
  const size = lengths.length;
  const idf = new Float64Array(size);
  const bm25 = new Float64Array(size);
  const state = new Uint8Array(size);
  for (const { postings, identifier, idf: ofTerm } of held) {
    const { slots, counts } = postings;
    const found = identifier ? IDENTIFIED : FOUND;
    const most = ofTerm * (K1 + 1);
    for (let at = 0; at < slots.length; at++) {
      const slot = slots[at] as number;
      const count = counts[at] as number;
      const length = lengths[slot] as number;
      idf[slot] = (idf[slot] as number) + ofTerm;
      bm25[slot] = (bm25[slot] as number) + (most * count) / (count + K1 * (1 - B + (B * length) / meanLength));
      if (found > (state[slot] as number)) state[slot] = found;
    }
  }
  return { idf, bm25, state };
}

/** The passages that are scored exactly: not more than a query needs, whatever its words are. */
function rankSlots(
  index: ProjectIndex,
  { idf, state }: { idf: Float64Array; state: Uint8Array },
  kinds: readonly MemoryKind[],
  now: number,
): readonly RankedSlot[] {
  const best = createBest<RankedSlot>(MAX_SCORED_PASSAGES, (a, b) => b.state - a.state || b.idf - a.idf || a.id - b.id);
  let last: RankedSlot | undefined;
  for (let slot = 0; slot < state.length; slot++) {
    const found = state[slot] as number;
    if (found === 0 || (last && (found < last.state || (found === last.state && (idf[slot] as number) < last.idf))))
      continue;
    const passage = index.passages[slot];
    if (!passage || passage.expiresAt <= now || !kinds.includes(passage.owner.kind)) continue;
    best.offer({ slot, id: passage.id, state: found, idf: idf[slot] as number });
    if (best.items.length >= MAX_SCORED_PASSAGES) last = best.items.at(-1);
  }
  return best.items;
}

/** The ordinals of the terms that each of these slots holds. */
function findOrds(held: readonly HeldTerm[], wanted: readonly number[]): Map<number, number[]> {
  const ords = new Map<number, number[]>(wanted.map((slot) => [slot, []]));
  for (const { ord, postings } of held) {
    for (const [slot, found] of ords) if (includes(postings.slots, slot)) found.push(ord);
  }
  return ords;
}

/** @param rising may be long: a frequent term is in every passage */
function includes(rising: readonly number[], wanted: number): boolean {
  let low = 0;
  let high = rising.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = rising[middle] as number;
    if (value === wanted) return true;
    if (value < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
