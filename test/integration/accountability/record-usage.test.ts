import type { Pool } from 'pg';
import { beforeEach, describe, expect, test } from 'vitest';
import type { EntryContext } from '../../../src/accountability/ledger/entry-row.js';
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import { rollUpChanges } from '../../../src/accountability/ledger/roll-up-changes.js';
import { evidenceOf, readStoredEntry, type StoredEntry } from '../../../src/accountability/ledger/stored-entry.js';
import { mergeRecords, resolveEntry } from '../../../src/accountability/merge-records.js';
import { openPriceBook } from '../../../src/accountability/prices/price-book.js';
import type { UsageRecord } from '../../../src/accountability/usage.js';
import { createRandom } from '../../support/inputs/canary-secrets.js';
import { findDrift } from '../../support/ledger/ledger-sums.js';
import { inBatches, shuffled, usageRecord, usageRows } from '../../support/ledger/usage-records.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';
import { trialCount } from '../../support/setup/trial.js';

const databases = await openBothDatabases();

const context: EntryContext = {
  book: openPriceBook(),
  costDays: 0,
  locateFolder: async (cwd) => ({ projectId: `proj_${cwd.slice(1)}`, root: cwd, worktree: cwd }),
};

const STORED = `SELECT to_jsonb(e) || jsonb_build_object('evidence', (
    SELECT jsonb_object_agg(w.witness, w.evidence) FROM usage_witnesses w WHERE w.entry_id = e.id)) AS entry
  FROM usage_entries e`;

async function readEntries(pool: Pool): Promise<StoredEntry[]> {
  const { rows } = await pool.query<{ entry: StoredEntry }>(STORED);
  return rows.map(({ entry }) => entry).sort((a, b) => idOf(a).localeCompare(idOf(b)));
}

const idOf = ({ client, keys }: { client: string; keys: readonly string[] }) => `${client} ${keys[0]}`;

/** What must be in the ledger after these rows were written, in whatever order. */
function expected(rows: readonly UsageRecord[]) {
  return [...mergeRecords(rows)].sort((a, b) => idOf(a).localeCompare(idOf(b)));
}

describe.each(DATABASE_MODES)('records of usage, %s', (mode) => {
  const pool = databases[mode];

  beforeEach(async () => {
    await pool.query('DELETE FROM usage_entries');
    await pool.query('DELETE FROM usage_keys; DELETE FROM usage_calls; DELETE FROM usage_witnesses');
    await rollUpChanges(pool);
  });

  async function expectLedger(rows: readonly UsageRecord[]): Promise<void> {
    const wanted = expected(rows);
    const stored = await readEntries(pool);
    expect(stored.map(readStoredEntry)).toEqual(wanted);
    for (const [index, row] of stored.entries()) {
      const entry = wanted[index];
      if (!entry) throw new Error('an entry too many');
      const { witness: _, isSidechain: __, ...best } = evidenceOf({ ...row }) as Partial<UsageRecord>;
      expect(resolveEntry(entry)).toMatchObject(best);
    }
    // Every key leads to its entry, and no other key is left.
    const { rows: keys } = await pool.query<{ client: string; key: string; id: number }>(
      'SELECT client, key, entry_id::integer AS id FROM usage_keys ORDER BY 1, 2',
    );
    const byText = (a: string, b: string) => (a < b ? -1 : 1);
    expect(keys.map(({ client, key, id }) => `${client} ${key} ${id}`).sort(byText)).toEqual(
      stored.flatMap(({ client, keys, id }) => keys.map((key) => `${client} ${key} ${id}`)).sort(byText),
    );
    const { rows: calls } = await pool.query<{ call: string; id: number }>(
      'SELECT call_id AS call, entry_id::integer AS id FROM usage_calls',
    );
    expect(calls.map(({ call, id }) => `${call} ${id}`).sort(byText)).toEqual(
      stored.flatMap(({ tool_use_ids, id }) => tool_use_ids.map((call) => `${call} ${id}`)).sort(byText),
    );
    expect(await findDrift(pool)).toEqual([]);
  }

  test('the same rows give the same entries in every order, in all batches, by two writers at once', async () => {
    for (let seed = 1; seed <= trialCount(12, 400); seed += 1) {
      const random = createRandom(seed);
      const rows = usageRows(random, 3 + Math.floor(random() * 25), `${seed}_`);
      const writers = [1, 2].map(() => inBatches(shuffled(rows, random), random, 12));
      await Promise.all(
        writers.map(async (batches) => {
          for (const batch of batches) await recordUsage(pool, context, batch);
        }),
      );
      if (seed % 3 === 0) await rollUpChanges(pool, { limit: 7 });
      await expectLedger(rows);
      await pool.query('DELETE FROM usage_entries');
      await pool.query('DELETE FROM usage_keys; DELETE FROM usage_calls; DELETE FROM usage_witnesses');
    }
  });

  test('says what it did', async () => {
    const a = usageRecord({ requestId: 'r1', messageId: 'm1', tokens: { input: 1 } });
    const b = usageRecord({ requestId: 'r2', messageId: 'm2', tokens: { input: 2 } });
    expect(await recordUsage(pool, context, [a, b])).toEqual({ inserted: 2, updated: 0, merged: 0 });
    expect(await recordUsage(pool, context, [b, a])).toEqual({ inserted: 0, updated: 0, merged: 0 });
    const link = usageRecord({ requestId: 'r1', messageId: 'm2', tokens: { input: 2 } });
    expect(await recordUsage(pool, context, [link])).toEqual({ inserted: 0, updated: 1, merged: 1 });
    expect(await recordUsage(pool, context, [])).toEqual({ inserted: 0, updated: 0, merged: 0 });
    await expectLedger([a, b, link]);
  });

  test('keeps what both witnesses said', async () => {
    const transcript = usageRecord({ requestId: 'r', tokens: { output: 10 } });
    const telemetry = usageRecord({
      requestId: 'r',
      witness: 'telemetry',
      grade: 'measured',
      tokens: { output: 11 },
      clientCost: '0.5',
    });
    await recordUsage(pool, context, [transcript]);
    await recordUsage(pool, context, [telemetry]);
    const [entry] = await readEntries(pool);
    expect(entry).toMatchObject({ grade: 'measured', output_tokens: 11, witnesses: ['telemetry', 'transcript'] });
    expect(entry?.evidence).toMatchObject({
      telemetry: { tokens: { output: 11 }, clientCost: '0.5' },
      transcript: { tokens: { output: 10 } },
    });
  });

  test('an unknown model has no cost, says why, and is counted as unpriced', async () => {
    await recordUsage(pool, context, [
      usageRecord({ requestId: 'a', model: 'nobody-knows-1', tokens: { input: 5 } }),
      usageRecord({ requestId: 'b', tokens: { input: 1_000_000 } }),
    ]);
    const { rows } = await pool.query(
      `SELECT model, trim_scale(cost_usd)::text AS cost, unpriced_reason AS reason FROM usage_entries ORDER BY model`,
    );
    expect(rows).toEqual([
      { model: 'claude-opus-4-5', cost: '5', reason: null },
      { model: 'nobody-knows-1', cost: null, reason: 'unknown-model' },
    ]);
    const { rows: sums } = await pool.query(
      'SELECT sum(requests)::int AS n, sum(unpriced)::int AS u FROM usage_changes',
    );
    expect(sums).toEqual([{ n: 2, u: 1 }]);
  });

  test('makes the projects of folders known, also of those that are gone', async () => {
    await recordUsage(pool, context, [
      usageRecord({ requestId: 'a', cwd: '/gone' }),
      usageRecord({ requestId: 'b', cwd: null }),
    ]);
    const { rows } = await pool.query(`SELECT id, root FROM projects WHERE root = '/gone'`);
    expect(rows).toEqual([{ id: 'proj_gone', root: '/gone' }]);
    const { rows: entries } = await pool.query(`SELECT project_id AS project FROM usage_entries ORDER BY keys`);
    expect(entries).toEqual([{ project: 'proj_gone' }, { project: '' }]);
  });

  test('texts that no database can hold, and very long ones, keep nothing else from being written', async () => {
    const rows = [
      usageRecord({ requestId: `r\0\ud800${'x'.repeat(5_000)}`, cwd: '/a\0b\\u0000', gitBranch: '\udc00' }),
      usageRecord({
        requestId: 'fine',
        sessionId: 's'.repeat(9_000),
        model: 'm'.repeat(9_000),
        toolUseIds: ['t'.repeat(9_000)],
      }),
    ];
    await recordUsage(pool, context, rows);
    await recordUsage(pool, context, rows);
    const entries = await readEntries(pool);
    expect(entries.map(({ keys }) => keys[0]?.slice(0, 12))).toEqual(['request:fine', 'request:rxxx']);
    expect(entries.map(({ cwd }) => cwd)).toEqual(['/repo', '/ab\\u0000']);
    expect(entries.map(({ branch }) => branch)).toEqual(['main', '']);
  });
});
