import { DIMENSIONS } from '../../embedding/embedding-types.js';

/** Vectors of one block, so that growing copies none. */
const BLOCK = 256;

/** Vectors by their slot, in blocks of memory. */
export interface VectorBlocks {
  set(slot: number, vector: Float32Array): void;
  /** Inner products with all vectors of one block, nearly: within NEARLY of the exact ones. @param out by slot */
  compareBlock(block: number, vector: Float32Array, out: Float64Array): void;
  /** The inner product as pgvector gives it, bit by bit. */
  compare(slot: number, vector: Float32Array): number;
  blocks(): number;
}

/** Bound of the error of float32 sums of unit vectors; the true one is under 1e-6. */
export const NEARLY = 1e-5;

export function createVectorBlocks(): VectorBlocks {
  const blocks: Float32Array[] = [];
  return {
    set(slot, vector) {
      const at = Math.floor(slot / BLOCK);
      while (blocks.length <= at) blocks.push(new Float32Array(BLOCK * DIMENSIONS));
      (blocks[at] as Float32Array).set(vector, (slot % BLOCK) * DIMENSIONS);
    },
    compareBlock(block, vector, out) {
      const values = blocks[block] as Float32Array;
      const from = block * BLOCK;
      const rows = Math.min(BLOCK, out.length - from);
      for (let row = 0, at = 0; row < rows; row++, at += DIMENSIONS) out[from + row] = multiply(values, at, vector);
    },
    compare(slot, vector) {
      const values = blocks[Math.floor(slot / BLOCK)] as Float32Array;
      const at = (slot % BLOCK) * DIMENSIONS;
      let sum = 0;
      for (let i = 0; i < DIMENSIONS; i++)
        sum = Math.fround(sum + Math.fround((values[at + i] as number) * (vector[i] as number)));
      return sum;
    },
    blocks: () => blocks.length,
  };
}

/** Four sums at once: one alone would wait for each addition. */
function multiply(values: Float32Array, at: number, vector: Float32Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < DIMENSIONS; i += 4) {
    a += (values[at + i] as number) * (vector[i] as number);
    b += (values[at + i + 1] as number) * (vector[i + 1] as number);
    c += (values[at + i + 2] as number) * (vector[i + 2] as number);
    d += (values[at + i + 3] as number) * (vector[i + 3] as number);
  }
  return a + b + c + d;
}
