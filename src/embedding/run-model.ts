import { AutoModel, AutoTokenizer, env, Tensor } from '@xenova/transformers';
import { DIMENSIONS } from './embedding-types.js';
import type { EncodePieces } from './read-words.js';

export interface Model {
  /** Pieces of a text as the model's own tokenizer gives them, without [CLS] and [SEP]. */
  encodePieces: EncodePieces;
  /**
   * Unit vectors of a batch, one after the other: DIMENSIONS float32 each.
   * @param rows the pieces of each text, at most PASSAGE_PIECES, without [CLS] and [SEP].
   */
  embedBatch(rows: readonly (readonly number[])[]): Promise<Float32Array>;
  /** Gives back the memory that the runtime keeps for the next large batch. */
  releaseMemory(): Promise<void>;
}

/** What the runtime is told to do after a run: to give back the parts of its arena that nothing uses. */
const RELEASE = { extra: { memory: { enable_memory_arena_shrinkage: 'cpu:0' } } };

type RuntimeSession = { run(inputs: Record<string, unknown>, options: typeof RELEASE): Promise<unknown> };

/** Loads tokenizer and network from a folder that `verifyModel` has passed; never from a network. */
export async function loadModel(modelDir: string): Promise<Model> {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.useFSCache = false;
  env.useBrowserCache = false;
  const local = { local_files_only: true };
  const tokenizer = await AutoTokenizer.from_pretrained(modelDir, local);
  const model = await AutoModel.from_pretrained(modelDir, {
    ...local,
    dtype: 'q8',
    device: 'cpu',
    // One core a worker: other cores are used by more workers, not by more threads (docs/benchmarks.md, P13). Patterns would
    // keep the memory of a batch for each of its shapes, and make none quicker.
    session_options: {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      enableMemPattern: false,
    },
  });
  const [cls, sep] = tokenizer.encode('').map(BigInt);
  if (cls === undefined || sep === undefined) throw new Error('the tokenizer has no [CLS] and [SEP]');

  function toInputs(rows: readonly (readonly number[])[], width: number) {
    const dims = [rows.length, width];
    const ids = new BigInt64Array(rows.length * width);
    const mask = new BigInt64Array(rows.length * width);
    rows.forEach((row, r) => {
      const at = r * width;
      ids[at] = cls as bigint;
      for (let i = 0; i < row.length; i++) ids[at + 1 + i] = BigInt(row[i] as number);
      ids[at + 1 + row.length] = sep as bigint;
      mask.fill(1n, at, at + row.length + 2);
    });
    return {
      input_ids: new Tensor('int64', ids, dims),
      attention_mask: new Tensor('int64', mask, dims),
      token_type_ids: new Tensor('int64', new BigInt64Array(ids.length), dims),
    };
  }

  return {
    encodePieces: (text) => tokenizer.encode(text, { add_special_tokens: false }),
    async embedBatch(rows) {
      const width = Math.max(...rows.map((row) => row.length)) + 2;
      const output = (await model(toInputs(rows, width))) as { last_hidden_state: { data: Float32Array } };
      return poolRows(
        output.last_hidden_state.data,
        rows.map((row) => row.length + 2),
        width,
      );
    },
    async releaseMemory() {
      const [session] = Object.values(model.sessions as Record<string, RuntimeSession>);
      const inputs = Object.entries(toInputs([[]], 2)).map(([name, tensor]) => [name, tensor.ort_tensor] as const);
      await session?.run(Object.fromEntries(inputs), RELEASE);
    },
  };
}

/** Mean over each row's real pieces, then scaled to length 1. */
function poolRows(hidden: Float32Array, lengths: readonly number[], width: number): Float32Array {
  const vectors = new Float32Array(lengths.length * DIMENSIONS);
  lengths.forEach((length, row) => {
    const vector = vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS);
    for (let piece = 0; piece < length; piece++) {
      const at = (row * width + piece) * DIMENSIONS;
      for (let d = 0; d < DIMENSIONS; d++) vector[d] = (vector[d] as number) + (hidden[at + d] as number);
    }
    let square = 0;
    for (const x of vector) square += x * x;
    if (!Number.isFinite(square)) throw new Error('the model gave no numbers for a text');
    const scale = 1 / Math.max(Math.sqrt(square), 1e-12);
    for (let d = 0; d < DIMENSIONS; d++) vector[d] = (vector[d] as number) * scale;
  });
  return vectors;
}
