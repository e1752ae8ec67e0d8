import { beforeEach, describe, expect, test } from 'vitest';
import { purgeUsage } from '../../../src/accountability/ledger/purge-usage.js';
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import { rollUpChanges } from '../../../src/accountability/ledger/roll-up-changes.js';
import { emptyLedger, ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { findDrift } from '../../support/ledger/ledger-sums.js';
import { usageRecord } from '../../support/ledger/usage-records.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';

const databases = await openBothDatabases();
const DAY_MS = 24 * 60 * 60_000;

describe.each(DATABASE_MODES)('old requests, %s', (mode) => {
  const pool = databases[mode];
  /** A request of so many days ago. */
  const ago = (days: number) =>
    usageRecord({
      requestId: `${days} days`,
      messageId: `message ${days}`,
      toolUseIds: [`call ${days}`],
      at: new Date(Date.now() - days * DAY_MS).toISOString(),
      cwd: days % 2 === 0 ? '/repo' : '/other',
    });
  const count = async (table: string) =>
    (await pool.query<{ n: number }>(`SELECT count(*)::integer AS n FROM ${table}`)).rows[0]?.n;
  const readDays = async () => {
    const { rows } = await pool.query<{ keys: string[] }>('SELECT keys FROM usage_entries ORDER BY occurred_at');
    return rows.map(({ keys }) => keys.find((key) => key.startsWith('request:')));
  };

  beforeEach(() => emptyLedger(pool));

  test('are deleted with all that was known of them, and the totals of the others stay exact', async () => {
    await recordUsage(pool, ledgerContext, [10, 11, 364].map(ago));
    await rollUpChanges(pool);
    const tables = ['usage_keys', 'usage_calls', 'usage_witnesses', 'usage_rollups', 'usage_totals'];
    const before = await Promise.all(tables.map(count));
    await recordUsage(pool, ledgerContext, [366, 400, 401, 402, 2_000].map(ago));
    await rollUpChanges(pool);
    expect(await purgeUsage(pool, 0)).toEqual({ requests: 0, rollups: 0 });
    // More than one transaction.
    expect(await purgeUsage(pool, 365, { limit: 2 })).toMatchObject({ requests: 5, rollups: expect.any(Number) });
    expect(await readDays()).toEqual(['request:364 days', 'request:11 days', 'request:10 days']);
    expect(await findDrift(pool)).toEqual([]);
    expect(await Promise.all(tables.map(count))).toEqual(before);
    expect(await purgeUsage(pool, 365)).toEqual({ requests: 0, rollups: 0 });
  });

  test('are not recorded when a file is read again', async () => {
    const outcome = await recordUsage(pool, { ...ledgerContext, costDays: 365 }, [400, 20].map(ago));
    expect(outcome).toMatchObject({ inserted: 1 });
    expect(await readDays()).toEqual(['request:20 days']);
  });
});
