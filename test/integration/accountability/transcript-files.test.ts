import { beforeEach, describe, expect, test } from 'vitest';
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import {
  claimFile,
  type FileName,
  listFileStates,
  releaseFile,
} from '../../../src/accountability/ledger/transcript-files.js';
import { emptyLedger, ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { usageRecord } from '../../support/ledger/usage-records.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';

const databases = await openBothDatabases();
const file: FileName = { host: 'here', client: 'claude', path: '/home/x/a.jsonl' };

describe.each(DATABASE_MODES)('positions in files, %s', (mode) => {
  const pool = databases[mode];

  beforeEach(() => emptyLedger(pool));

  test('of many readers one has the file', async () => {
    const claims = await Promise.all(Array.from({ length: 12 }, () => claimFile(pool, file)));
    const got = claims.filter((claim) => claim !== null);
    expect(got).toHaveLength(1);
    expect(got[0]).toMatchObject({ ...file, state: null });
    expect(await claimFile(pool, { ...file, host: 'elsewhere' })).not.toBeNull();
    expect(await claimFile(pool, { ...file, path: '/home/x/b.jsonl' })).not.toBeNull();
    if (got[0]) await releaseFile(pool, got[0]);
    expect(await claimFile(pool, file)).not.toBeNull();
  });

  test('the position moves with the entries', async () => {
    const claim = await claimFile(pool, file);
    if (!claim) throw new Error('no claim');
    const state = { offset: 120, reader: { seen: ['a\0b'] } };
    await recordUsage(pool, ledgerContext, [usageRecord({ requestId: 'r1' })], { files: [{ ...claim, state }] });
    const read = { offset: 120, reader: { seen: ['ab'] } };
    expect(await listFileStates(pool, 'here', 'claude')).toEqual(new Map([[file.path, read]]));
    await releaseFile(pool, claim);
    expect(await claimFile(pool, file)).toMatchObject({ state: read });
  });

  test('a reader that was overtaken writes nothing', async () => {
    const slow = await claimFile(pool, file);
    // It is silent for longer than a claim lasts.
    await pool.query(`UPDATE transcript_files SET claimed_until = clock_timestamp() - interval '1 second'`);
    const quick = await claimFile(pool, file);
    if (!slow || !quick) throw new Error('no claim');
    const late = recordUsage(pool, ledgerContext, [usageRecord({ requestId: 'late' })], {
      files: [{ ...slow, state: { offset: 1 } }],
    });
    await expect(late).rejects.toMatchObject({ code: 'conflict', retryable: true });
    await releaseFile(pool, slow);
    await recordUsage(pool, ledgerContext, [usageRecord({ requestId: 'first' })], {
      files: [{ ...quick, state: { offset: 2 } }],
    });
    const { rows } = await pool.query('SELECT keys FROM usage_entries');
    expect(rows).toEqual([{ keys: ['request:first'] }]);
    expect(await listFileStates(pool, 'here', 'claude')).toEqual(new Map([[file.path, { offset: 2 }]]));
  });

  test('entries that can not be written leave the position where it was', async () => {
    const claim = await claimFile(pool, file);
    if (!claim) throw new Error('no claim');
    const broken = usageRecord({ requestId: 'r', at: 'no time at all' });
    await expect(
      recordUsage(pool, ledgerContext, [broken], { files: [{ ...claim, state: { offset: 9 } }] }),
    ).rejects.toThrow();
    expect(await listFileStates(pool, 'here', 'claude')).toEqual(new Map());
  });
});
