import type { TextRange } from './embedding-types.js';
import type { RuntimeChoice, RuntimeInfo } from './runtime/runtime-types.js';

/** Requests to the model's thread. Ids are the caller's; each is answered once, unless it was cancelled. */
export type ThreadRequest =
  | {
      type: 'embed';
      id: number;
      texts: readonly string[];
      priority: 'query' | 'passage';
      /** What is done with a text over PASSAGE_PIECES. */
      long: 'cut' | 'split';
    }
  | { type: 'cancel'; id: number }
  | { type: 'close' };

export type ThreadAnswer =
  /** The model is loaded. */
  | { type: 'ready'; runtime: RuntimeInfo }
  /** The model can't be loaded; the thread ends. */
  | { type: 'unusable'; error: ThreadError }
  /** Vectors of the texts whose `ranges` are null, one after the other. */
  | { type: 'embedded'; id: number; vectors: Float32Array; ranges: (TextRange[] | null)[] }
  | { type: 'failed'; id: number; error: ThreadError };

/** An error across threads: an AppError keeps its code and fix. */
export interface ThreadError {
  message: string;
  code?: 'corrupt_model' | 'not_ready';
  fix?: string;
}

export interface ThreadSettings {
  modelDir: string;
  /** `auto` unless said otherwise. */
  runtime?: RuntimeChoice | undefined;
  /** Artificial sleep a text, in ms: a slow model for trials. */
  delayMs: number;
}
