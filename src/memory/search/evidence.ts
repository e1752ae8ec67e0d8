import type { MemoryKind } from '../memory-types.js';

/** What is known of one memory for one query, before it becomes a score. */
export interface Evidence {
  kind: MemoryKind;
  id: string;
  /** Cosine of its best passage; null when the query or the memory has no vector (yet). */
  cosine: number | null;
  /** BM25 of its best passage divided by the query's upper bound, 0 to 1. */
  lexical: number;
  /** Share of the query's words that its best passage holds, each by its rarity, 0 to 1. */
  coverage: number;
  /** Its name, key or topic against the query, 0 to 1; 1 is equality. */
  nameMatch: number;
  /** Memories with the rarest identifier of the query that this memory holds whole; 0 when it holds none. */
  identifierSpread: number;
  /** Words of the query that its best passage holds. */
  words: string[];
}

/** What is known of a query beside its hits. */
export interface QueryTraits {
  /** Share of its letters, 0 to 1, whose script the model knows. */
  knownShare: number;
  /** Lexical passages of the project, and their mean length in words. */
  passages: number;
  meanLength: number;
}
