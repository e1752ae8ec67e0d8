import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_BATCH_PIECES, MAX_BATCH_TEXTS, planBatches } from '../../../src/embedding/plan-batches.js';

describe('batches', () => {
  it('hold every text once, within both limits, like lengths together', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 256 })), (lengths) => {
        const items = lengths.map((length, index) => ({ length, index }));
        const batches = planBatches(items);
        expect(
          batches
            .flat()
            .map(({ index }) => index)
            .sort(),
        ).toEqual(items.map(({ index }) => index).sort());
        expect(batches.flat().map(({ length }) => length)).toEqual([...lengths].sort((a, b) => a - b));
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(MAX_BATCH_TEXTS);
          const padded = batch.length * Math.max(...batch.map(({ length }) => length));
          expect(batch.length === 1 || padded <= MAX_BATCH_PIECES).toBe(true);
        }
      }),
    );
  });
});
