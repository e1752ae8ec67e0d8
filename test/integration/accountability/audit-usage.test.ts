import { beforeAll, describe, expect, test } from 'vitest';
import { auditDifferences, auditSessions, auditUnconfirmed } from '../../../src/accountability/costs/audit-usage.js';
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import { reportUsage } from '../../../src/accountability/ledger/report-usage.js';
import { ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { type RecordChange, usageRecord } from '../../support/ledger/usage-records.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';

const databases = await openBothDatabases();

const seen = (id: string, change: RecordChange = {}) =>
  usageRecord({ requestId: id, sessionId: 'S', tokens: { input: 10, output: 1_000, cacheWrite1h: 50 }, ...change });
/** As Claude Code's telemetry says it: one figure for both kinds of cache writes, and the cost. */
const told = (id: string, change: RecordChange = {}) =>
  seen(id, {
    witness: 'telemetry',
    grade: 'measured',
    isCacheSplitKnown: false,
    clientCost: '0.02555',
    cwd: null,
    ...change,
    tokens: { input: 10, output: 1_000, cacheWrite5m: 50, ...change.tokens },
  });

describe.each(DATABASE_MODES)('an audit, %s', (mode) => {
  const pool = databases[mode];
  const all = { projectId: null };
  const { book } = ledgerContext;

  beforeAll(async () => {
    await recordUsage(pool, ledgerContext, [
      seen('same'),
      told('same'),
      seen('rounded'),
      told('rounded', { clientCost: '0.0255500000001' }),
      seen('more'),
      told('more', { tokens: { output: 1_500 }, model: 'claude-opus-4-6' }),
      seen('dear'),
      told('dear', { clientCost: '0.5' }),
      told('hidden'),
      seen('untold'),
      seen('partly', { grade: 'partial', isFinished: false }),
      seen('plain', { sessionId: 'no-telemetry' }),
    ]);
    await reportUsage(pool, book, {
      id: 'r',
      projectId: 'proj_repo',
      agentId: 'a',
      taskId: null,
      client: 'cursor',
      clientSession: null,
      model: 'gpt-5',
      tokens: { output: 5 },
      costUsd: null,
      isFinal: false,
    });
  });

  test('lists what each session is known by', async () => {
    const sessions = await auditSessions(pool, all, 10);
    const numbers = sessions.map(
      ({ client, clientSession, both, telemetryOnly, transcriptOnly, reported, unfinished }) => [
        client,
        clientSession,
        [both, telemetryOnly, transcriptOnly, reported, unfinished],
      ],
    );
    expect(numbers).toEqual([
      ['cursor', null, [0, 0, 0, 1, 0]],
      ['claude', 'S', [4, 1, 2, 0, 1]],
      ['claude', 'no-telemetry', [0, 0, 1, 0, 0]],
    ]);
    expect(await auditSessions(pool, { ...all, since: new Date('2026-11-21T00:00:00Z') }, 10)).toHaveLength(1);
  });

  test('lists every difference between two witnesses by request', async () => {
    const differences = await auditDifferences(pool, book, all, { limit: 50 });
    expect(differences.map(({ keys, fields }) => [keys[0], fields])).toEqual(
      [
        [
          'request:more',
          [
            { name: 'model', telemetry: 'claude-opus-4-6', transcript: 'claude-opus-4-5' },
            { name: 'output', telemetry: '1500', transcript: '1000' },
          ],
        ],
        ['request:dear', [{ name: 'cost_usd', telemetry: '0.5', transcript: '0.02555' }]],
      ].sort(),
    );
    // In parts of one.
    const [first] = await auditDifferences(pool, book, all, { limit: 1 });
    const [second] = await auditDifferences(pool, book, all, { limit: 1, after: first?.entryId });
    expect([first, second]).toEqual(differences);
    expect(await auditDifferences(pool, book, all, { limit: 1, after: second?.entryId })).toEqual([]);
    expect(await auditDifferences(pool, book, { projectId: 'proj_else' }, { limit: 1 })).toEqual([]);
  });

  test('lists requests that one witness did not see', async () => {
    const requests = await auditUnconfirmed(pool, all, { limit: 10 });
    expect(requests.map(({ keys, seenBy }) => `${keys[0]} ${seenBy}`).sort()).toEqual([
      'request:hidden telemetry',
      'request:partly transcript',
      'request:untold transcript',
    ]);
    expect(requests.every(({ costUsd }) => costUsd !== null)).toBe(true);
  });
});
