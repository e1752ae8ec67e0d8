import { expect, test } from 'vitest';
import { toEntryRow } from '../../../src/accountability/ledger/entry-row.js';
import { measureEntry } from '../../../src/accountability/ledger/measure-usage.js';
import { mergeRecords } from '../../../src/accountability/merge-records.js';
import { ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { type RecordChange, usageRecord } from '../../support/ledger/usage-records.js';

function rowOf(change: RecordChange) {
  const [entry] = mergeRecords([usageRecord({ requestId: 'r', ...change })]);
  if (!entry) throw new Error('no entry');
  return toEntryRow('1', entry, null, ledgerContext.book);
}

test('a new entry is measured whole, one that grew by what more is known of it', () => {
  const partial = rowOf({ grade: 'partial', isFinished: false, tokens: { input: 1_000, output: 1 } });
  const whole = rowOf({ tokens: { input: 1_000, output: 200, cacheRead: 50, cacheWrite1h: 7 } });
  const tokens = { input: 1_000, output: 200, reasoning: 0, cache_read: 50, cache_write_5m: 0, cache_write_1h: 7 };
  expect(measureEntry(whole)).toEqual({
    tokens,
    costUsd: Number(whole.cost_usd),
    model: 'claude-opus-4-5',
    client: 'claude',
    grade: 'transcript',
  });
  const more = measureEntry(whole, [partial]);
  expect(more.tokens).toEqual({ ...tokens, input: 0, output: 199 });
  expect(more.costUsd).toBeCloseTo(Number(whole.cost_usd) - Number(partial.cost_usd), 12);
  // Counters only grow.
  expect(measureEntry(partial, [whole])).toMatchObject({ costUsd: 0, tokens: { output: 0 } });
});

test('a request without a price is counted as such once', () => {
  const row = rowOf({ model: 'nobody-knows-1', tokens: { output: 5 } });
  expect(measureEntry(row).costUsd).toBeNull();
  expect(measureEntry(row, [row]).costUsd).toBe(0);
});
