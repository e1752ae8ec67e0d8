import type { Degradation, MemoryKind } from '../memory-types.js';
import type { WordList } from './correct-words.js';
import type { LexicalOutcome } from './lexical-types.js';
import type { LexicalRequest } from './search-lexically.js';
import type { VectorCandidate } from './search-vectors.js';

/** What ranks: words alone, vectors alone, or both. */
export type Retriever = 'hybrid' | 'lexical' | 'vector';

export interface SearchRequest {
  projectId: string;
  query: string;
  kinds: readonly MemoryKind[];
  /** Most hits to return, best first. */
  limit: number;
  /** Hits below are left out; RELEVANT_SCORE unless the caller knows that there is an answer. */
  minimumScore?: number;
  /** `hybrid` unless a retriever is evaluated alone; when set, hits that are not relevant are returned too. */
  retriever?: Retriever;
}

export interface SearchHit {
  kind: MemoryKind;
  id: string;
  /** 0 to 1, comparable between queries; below `RELEVANT_SCORE` (fuse-evidence.ts) a hit is not relevant. */
  score: number;
  /** Cosine of the best passage, null when no vector was compared. */
  cosine: number | null;
  /** BM25 divided by its upper bound for this query, 0 to 1. */
  lexical: number;
  /** Trigram or exact match of the query with the name, key or topic, 0 to 1. */
  nameMatch: number;
  /** The evidence in a few words, for the agent: "words: jwt, token; meaning 0.71". */
  why: string;
}

export interface SearchOutcome {
  /** Best first; without those that are not relevant, unless `retriever` is set. */
  hits: SearchHit[];
  degraded: Degradation[];
}

/** A passage of a memory, in code points of its search text, [start, end). */
export interface LocatedPassage {
  start: number;
  end: number;
  /** To the query. */
  cosine: number;
}

export interface Search {
  search(request: SearchRequest): Promise<SearchOutcome>;
  /** The passages of these memories that are nearest to a query, best first; none where the query has no vector in time. */
  locate(projectId: string, query: string, ids: readonly string[]): Promise<Map<string, LocatedPassage[]>>;
  /**
   * For each memory the decision that was made after it on the same matter, by id.
   * @returns null where the project is not in memory: then `findLaterDecisions` of the database tells
   */
  findLater(projectId: string, ids: readonly string[]): Promise<ReadonlyMap<string, string> | null>;
}

/** What words and vectors found; `near` is null where the query has no vector. */
export interface WordsAndVectors {
  lexical: LexicalOutcome;
  near: VectorCandidate[] | null;
}

/** A project's passages in the memory of this process: the same answers as the database's, sooner. */
export interface HeldProject {
  /** The words of its memories. */
  words: WordList;
  /** As searchLexically and searchVectors do. @param asked the query's vector; null when there is none */
  search(request: LexicalRequest, asked: Promise<Float32Array | null>): Promise<WordsAndVectors>;
  /** As findLaterDecisions does, without their texts: ids of decisions, by the memory's. */
  findLater(ids: readonly string[]): ReadonlyMap<string, string>;
  /** As locatePassages does. */
  locate(ids: readonly string[], vector: Float32Array): Map<string, LocatedPassage[]>;
}

export interface HeldProjects {
  /**
   * The project as every transaction has left it that ended before the call.
   * @returns null while it is not in memory, for example while it is being read; never rejects
   */
  open(projectId: string): Promise<HeldProject | null>;
}
