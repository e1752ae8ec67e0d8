/** Dimensions of every vector: all-MiniLM-L6-v2. */
export const DIMENSIONS = 384;

/** Word pieces of one passage; the model reads 256, two of which are [CLS] and [SEP]. */
export const PASSAGE_PIECES = 254;

/** Word pieces that neighbouring passages share at least: up to the end of the word that contains the last of them. */
export const OVERLAP_PIECES = 50;

/** Recorded beside each vector; a vector with another name has to be computed again. */
export const EMBEDDING_MODEL = 'all-MiniLM-L6-v2-int8-token';

/** A part of a text, in UTF-16 offsets, [start, end). */
export interface TextRange {
  start: number;
  end: number;
}

/** The model, wherever it runs: worker processes and the local server hold one each, front processes none. */
export interface Embedder {
  /**
   * Unit vectors (L2 norm 1) of DIMENSIONS float32 each, in the order of the texts; the same for a text in any batch.
   * Texts over PASSAGE_PIECES are cut there: use `embedOrSplit` where they must be whole.
   * @param priority 'query' goes before every waiting 'passage' batch.
   * @param signal drops the texts that have not been started; the promise then rejects.
   * @throws AppError `corrupt_model` when the files are missing or not the expected ones.
   */
  embed(texts: readonly string[], priority: 'query' | 'passage', signal?: AbortSignal): Promise<Float32Array[]>;
  /**
   * For each text its vector when it fits one passage, else the ranges to embed instead: of at most PASSAGE_PIECES pieces,
   * cut between words, overlapping by OVERLAP_PIECES, together the whole text.
   */
  embedOrSplit(texts: readonly string[], signal?: AbortSignal): Promise<(Float32Array | TextRange[])[]>;
  /** Loads the model now, so that the first call doesn't wait for it. */
  warmUp(): Promise<void>;
  /** The model rests, or is being loaded again after a rest: the next vector takes longer than usual, up to a second. */
  isWaking(): boolean;
  /** Calls under way reject. */
  close(): Promise<void>;
}

/** The model as a search uses it: a vector soon, or none. Never throws, never waits past its deadline. */
export interface QueryEmbedder {
  embedQuery(text: string): Promise<Float32Array | null>;
  close(): Promise<void>;
}
