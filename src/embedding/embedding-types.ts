/** Dimensions of every vector: all-MiniLM-L6-v2. */
export const DIMENSIONS = 384;

/** Word pieces of one passage; the model reads 256, two of which are [CLS] and [SEP]. */
export const PASSAGE_PIECES = 254;

/** Word pieces that neighbouring passages share at least: up to the end of the word that contains the last of them. */
export const OVERLAP_PIECES = 50;

/**
 * How vectors were made, oldest first; the name is recorded beside each vector. A change of the model, or of what it reads of
 * a text (src/memory/passages/space-identifiers.ts, src/embedding/split-text.ts), adds a name at the end: the embedding worker
 * then makes the vectors of older names again. Names that are not listed are those of a newer version, and are left alone.
 */
const EMBEDDING_FORMATS = [
  'all-MiniLM-L6-v2',
  'all-MiniLM-L6-v2-int8-token',
  // Identifiers are read word by word.
  'all-MiniLM-L6-v2-int8-apart',
] as const;

/** Recorded beside each new vector. */
export const EMBEDDING_MODEL: string = EMBEDDING_FORMATS[EMBEDDING_FORMATS.length - 1] ?? '';

/** Vectors with one of these names serve until they are made again. */
export const FORMER_MODELS: readonly string[] = EMBEDDING_FORMATS.slice(0, -1);

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
