import { DIMENSIONS, type TextRange } from './embedding-types.js';
import type { ThreadAnswer, ThreadError, ThreadRequest } from './thread-protocol.js';

export type EmbedRequest = Extract<ThreadRequest, { type: 'embed' }>;

/** A request while it is worked on: answered once, when every text has its result or one of them failed. */
export interface EmbedCall {
  request: EmbedRequest;
  /** The next text that was not taken yet, and its index; null when all are taken. */
  take(): { index: number; text: string } | null;
  isTaken(): boolean;
  setVector(index: number, vector: Float32Array): void;
  /** The text is too long for one vector: its ranges are the result. */
  setRanges(index: number, ranges: TextRange[]): void;
  fail(error: unknown): void;
}

export function openCall(request: EmbedRequest, answer: (answer: ThreadAnswer) => void): EmbedCall {
  const { id, texts } = request;
  const vectors: (Float32Array | null)[] = texts.map(() => null);
  const ranges: (TextRange[] | null)[] = texts.map(() => null);
  let taken = 0;
  let missing = texts.length;
  let failed = false;

  function finishText(): void {
    missing -= 1;
    if (missing > 0 || failed) return;
    const found = vectors.filter((vector) => vector !== null);
    const joined = new Float32Array(found.length * DIMENSIONS);
    for (const [position, vector] of found.entries()) joined.set(vector, position * DIMENSIONS);
    answer({ type: 'embedded', id, vectors: joined, ranges });
  }

  return {
    request,
    take() {
      const text = texts[taken];
      return text === undefined ? null : { index: taken++, text };
    },
    isTaken: () => taken >= texts.length,
    setVector(index, vector) {
      vectors[index] = vector;
      finishText();
    },
    setRanges(index, found) {
      ranges[index] = found;
      finishText();
    },
    fail(error) {
      if (failed) return;
      failed = true;
      taken = texts.length;
      answer({ type: 'failed', id, error: describe(error) });
    },
  };
}

function describe(error: unknown): ThreadError {
  return { message: error instanceof Error ? error.message : String(error) };
}
