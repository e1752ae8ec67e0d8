import type { MemoryKind } from '../memory-types.js';

/** A lexeme of the query with its weight in this project. */
export interface Term {
  ord: number;
  lexeme: string;
  /** The word of the query that it stands for, in lower case; of an identifier the lexeme itself. */
  word: string;
  identifier: boolean;
  stop: boolean;
  /** Lexical passages of the project that contain it. */
  df: number;
  idf: number;
}

/** A word of the query as the terms that stand for it. */
export interface TermGroup {
  text: string;
  /** Ordinals of its terms. Of a word that was cut into grams all must be found, of another any. */
  ords: number[];
  isCut: boolean;
  /** It builds the sentence and names nothing. */
  functional: boolean;
}

export interface LexicalCandidate {
  kind: MemoryKind;
  id: string;
  /** Best passage; not yet divided by the query's bound. */
  bm25: number;
  ords: number[];
  nameMatch: number;
}

export interface LexicalOutcome {
  terms: Term[];
  groups: TermGroup[];
  /** Share of the query's letters whose script the model knows. */
  knownShare: number;
  /** Lexical passages of the project, and their mean length in words. */
  passages: number;
  meanLength: number;
  candidates: LexicalCandidate[];
}
