import { beforeEach, describe, expect, test } from 'vitest';
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import { reportUsage } from '../../../src/accountability/ledger/report-usage.js';
import { repriceEntries } from '../../../src/accountability/ledger/reprice-entries.js';
import { rollUpChanges } from '../../../src/accountability/ledger/roll-up-changes.js';
import { openPriceBook, type PriceBook } from '../../../src/accountability/prices/price-book.js';
import { parsePriceFile } from '../../../src/accountability/prices/price-file.js';
import { createRandom } from '../../support/inputs/canary-secrets.js';
import { emptyLedger, ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { findDrift } from '../../support/ledger/ledger-sums.js';
import { usageRecord, usageRows } from '../../support/ledger/usage-records.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';

const databases = await openBothDatabases();

/** Prices over the built-in ones. */
function bookWith(rules: object[]): PriceBook {
  const { file, faults } = parsePriceFile(JSON.stringify({ version: 1, models: rules }));
  expect(faults).toEqual([]);
  return openPriceBook(file);
}

describe.each(DATABASE_MODES)('repricing, %s', (mode) => {
  const pool = databases[mode];

  beforeEach(() => emptyLedger(pool));

  async function costs(): Promise<(string | null)[]> {
    const { rows } = await pool.query<{ cost: string | null }>(
      'SELECT trim_scale(cost_usd)::text AS cost FROM usage_entries ORDER BY id',
    );
    return rows.map(({ cost }) => cost);
  }

  test('computes costs from tokens, and back again to the last digit', async () => {
    const rows = usageRows(createRandom(3), 1_300);
    await recordUsage(pool, ledgerContext, rows);
    const before = await costs();
    const dear = bookWith([{ match: 'claude-opus-4-5', per_mtok: { input: '7', output: '9.000001' } }]);
    const outcome = await repriceEntries(pool, dear);
    expect(outcome.checked).toBe(before.length);
    expect(outcome.changed).toBeGreaterThan(100);
    expect(await costs()).not.toEqual(before);
    expect(await findDrift(pool)).toEqual([]);
    await rollUpChanges(pool);
    // Without the file only what it had priced is looked at.
    expect(await repriceEntries(pool, ledgerContext.book)).toMatchObject({ changed: outcome.changed });
    expect(await costs()).toEqual(before);
    expect(await findDrift(pool)).toEqual([]);
    expect(await repriceEntries(pool, ledgerContext.book, { all: true })).toEqual({
      checked: before.length,
      changed: 0,
    });
  });

  test('a model that becomes known is priced, and what was priced is left alone', async () => {
    await recordUsage(pool, ledgerContext, [
      usageRecord({ requestId: 'a', model: 'nobody-knows-1', tokens: { input: 1_000_000 } }),
      usageRecord({ requestId: 'b', tokens: { input: 1_000_000 } }),
    ]);
    expect(await costs()).toEqual([null, '5']);
    const { rows: versions } = await pool.query(
      `SELECT xmin::text AS row FROM usage_entries WHERE keys = '{request:b}'`,
    );
    await repriceEntries(pool, bookWith([{ match: 'nobody-knows-1', per_mtok: { input: '0.3', output: '1' } }]));
    expect(await costs()).toEqual(['0.3', '5']);
    const { rows } = await pool.query(`SELECT xmin::text AS row FROM usage_entries WHERE keys = '{request:b}'`);
    expect(rows).toEqual(versions);
    const { rows: sums } = await pool.query(`SELECT sum(unpriced)::int AS unpriced FROM usage_changes`);
    expect(sums).toEqual([{ unpriced: 0 }]);
  });

  test('a cost that an agent stated stays', async () => {
    const report = {
      id: 'x',
      projectId: 'p',
      agentId: 'a',
      taskId: null,
      client: null,
      clientSession: null,
      isFinal: false,
    };
    await reportUsage(pool, ledgerContext.book, { ...report, model: 'gpt-5', tokens: { input: 5 }, costUsd: '0.125' });
    await repriceEntries(pool, bookWith([{ match: 'gpt-5', per_mtok: { input: '7', output: '9' } }]), { all: true });
    expect(await costs()).toEqual(['0.125']);
  });

  test('may be stopped between two batches', async () => {
    await recordUsage(
      pool,
      ledgerContext,
      Array.from({ length: 2_500 }, (_, n) => usageRecord({ requestId: `${n}`, tokens: { input: n + 1 } })),
    );
    const book = bookWith([{ match: 'claude-opus-4-5', multiplier: '2' }]);
    const stop = new AbortController();
    const outcome = await repriceEntries(pool, book, { signal: stop.signal, onProgress: () => stop.abort() });
    expect(outcome).toEqual({ checked: 1_000, changed: 1_000 });
    expect(await findDrift(pool)).toEqual([]);
    expect(await repriceEntries(pool, book)).toEqual({ checked: 2_500, changed: 1_500 });
  });
});
