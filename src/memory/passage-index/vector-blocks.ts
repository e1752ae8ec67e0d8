import { DIMENSIONS } from '../../embedding/embedding-types.js';
import { compileMultiplyRows, VECTOR_BYTES } from './multiply-rows.js';

/** Vectors of one block: six pages of memory, by which it grows. */
const BLOCK = 256;
const PAGE_BYTES = 65_536;
const BLOCK_PAGES = (BLOCK * VECTOR_BYTES) / PAGE_BYTES;
/** The first page has the vector that all are compared with, and the products of a block. */
const FIRST_VECTOR = PAGE_BYTES / Float32Array.BYTES_PER_ELEMENT;

/** Vectors by their slot, in a memory that grows by blocks and copies none. */
export interface VectorBlocks {
  set(slot: number, vector: Float32Array): void;
  /** Inner products with all vectors of one block, nearly: within NEARLY of the exact ones. @param out by slot */
  compareBlock(block: number, vector: Float32Array, out: Float32Array): void;
  /** The inner product as pgvector gives it, bit by bit. */
  compare(slot: number, vector: Float32Array): number;
  /** Inner products of one vector with others, nearly. */
  compareSlots(slot: number, others: readonly number[]): number[];
  /** The cosine distance as pgvector gives it, bit by bit. */
  distance(one: number, other: number): number;
  blocks(): number;
}

/** Bound of the error of float32 sums of unit vectors; the true one is under 1e-6. */
export const NEARLY = 1e-5;

export function createVectorBlocks(): VectorBlocks {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const multiplyRows = compileMultiplyRows(memory);
  let values = new Float32Array(memory.buffer);
  let blocks = 0;
  const placeOf = (slot: number): number => FIRST_VECTOR + slot * DIMENSIONS;

  /** Multiplies rows by the vector at the beginning; the products lie behind that. */
  function multiply(at: number, rows: number): void {
    if (multiplyRows) multiplyRows(at * Float32Array.BYTES_PER_ELEMENT, rows, VECTOR_BYTES);
    else multiplyRowsAlone(values, at, rows);
  }

  return {
    set(slot, vector) {
      const needed = Math.floor(slot / BLOCK) + 1;
      if (needed > blocks) {
        memory.grow((needed - blocks) * BLOCK_PAGES);
        blocks = needed;
        // Growing detaches what was there before.
        values = new Float32Array(memory.buffer);
      }
      values.set(vector, placeOf(slot));
    },
    compareBlock(block, vector, out) {
      const from = block * BLOCK;
      const rows = Math.min(BLOCK, out.length - from);
      if (rows <= 0) return;
      values.set(vector, 0);
      multiply(placeOf(from), rows);
      out.set(values.subarray(DIMENSIONS, DIMENSIONS + rows), from);
    },
    compare(slot, vector) {
      const at = placeOf(slot);
      let sum = 0;
      for (let i = 0; i < DIMENSIONS; i++)
        sum = Math.fround(sum + Math.fround((values[at + i] as number) * (vector[i] as number)));
      return sum;
    },
    compareSlots(slot, others) {
      values.copyWithin(0, placeOf(slot), placeOf(slot + 1));
      return others.map((other) => {
        multiply(placeOf(other), 1);
        return values[DIMENSIONS] as number;
      });
    },
    distance(one, other) {
      const [at, from] = [placeOf(one), placeOf(other)];
      let product = 0;
      let square = 0;
      let otherSquare = 0;
      for (let i = 0; i < DIMENSIONS; i++) {
        const [a, b] = [values[at + i] as number, values[from + i] as number];
        product = Math.fround(product + Math.fround(a * b));
        square = Math.fround(square + Math.fround(a * a));
        otherSquare = Math.fround(otherSquare + Math.fround(b * b));
      }
      return 1 - Math.max(-1, Math.min(1, product / Math.sqrt(square * otherSquare)));
    },
    blocks: () => blocks,
  };
}

/** What `MultiplyRows` does, where the processor has no instructions for it. */
function multiplyRowsAlone(values: Float32Array, at: number, rows: number): void {
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < DIMENSIONS; i++) sum += (values[at + row * DIMENSIONS + i] as number) * (values[i] as number);
    values[DIMENSIONS + row] = sum;
  }
}
