// Vectors in memory: products by WebAssembly are those of plain arithmetic, distances those of the vectors.
import { expect, test } from 'vitest';
import { createVectorBlocks, NEARLY } from '../../../src/memory/passage-index/vector-blocks.js';
import { createRandom } from '../../support/secrets/random-text.js';

const DIMENSIONS = 384;
const random = createRandom(7);

function unit(): Float32Array {
  const vector = Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

const product = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

test('all products of a block that is not full, and of those before it', () => {
  const vectors = Array.from({ length: 600 }, unit);
  const blocks = createVectorBlocks();
  for (const [slot, vector] of vectors.entries()) blocks.set(slot, vector);
  const query = unit();
  const products = new Float32Array(vectors.length);
  for (let block = 0; block < blocks.blocks(); block += 1) blocks.compareBlock(block, query, products);
  for (const [slot, vector] of vectors.entries()) {
    const exact = product(vector, query);
    expect(Math.abs((products[slot] ?? 0) - exact)).toBeLessThan(NEARLY / 2);
    expect(blocks.compare(slot, query)).toBeCloseTo(exact, 5);
  }
  const [first, ...others] = [3, 599, 0, 300];
  const near = blocks.compareSlots(first as number, others);
  for (const [position, slot] of others.entries()) {
    const exact = product(vectors[first as number] as Float32Array, vectors[slot] as Float32Array);
    expect(near[position]).toBeCloseTo(exact, 5);
    expect(blocks.distance(first as number, slot)).toBeCloseTo(1 - exact, 5);
  }
});

test('a slot without a vector is near to none', () => {
  const blocks = createVectorBlocks();
  blocks.set(2, unit());
  const products = new Float32Array(3).fill(1);
  blocks.compareBlock(0, unit(), products);
  expect([products[0], products[1]]).toEqual([0, 0]);
});
