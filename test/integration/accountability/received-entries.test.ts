// What a receiver takes and what transcripts say: one entry a request, whatever comes first and how often.
import type { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordUsage } from '../../../src/accountability/ledger/record-usage.js';
import { mergeRecords } from '../../../src/accountability/merge-records.js';
import { startReceiver } from '../../../src/accountability/receiver/start-receiver.js';
import type { UsageRecord } from '../../../src/accountability/usage.js';
import { createLogger } from '../../../src/logger.js';
import { emptyLedger, ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { findDrift } from '../../support/ledger/ledger-sums.js';
import { type RecordChange, usageRecord } from '../../support/ledger/usage-records.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';
import { claudeRequest, jsonRequest } from '../../support/telemetry/otlp-logs.js';
import {
  RECORDED,
  type RecordedClient,
  readRecordedLogs,
  readRecordedTranscript,
} from '../../support/telemetry/recorded-telemetry.js';

const databases = await openBothDatabases();
const logger = createLogger('silent', 'test');
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Write = (records: readonly UsageRecord[]) => Promise<unknown>;

const oneRequest = JSON.stringify(jsonRequest([claudeRequest()]));

describe.each(DATABASE_MODES)('one entry a request, %s', (mode) => {
  const pool: Pool = databases[mode];

  beforeEach(() => emptyLedger(pool));

  async function entries() {
    const { rows } = await pool.query(
      `SELECT client, grade, witnesses::text[], input_tokens::int AS input, output_tokens::int AS output,
         cache_read_tokens::int AS read, cache_write_5m_tokens::int AS write5m, cache_write_1h_tokens::int AS write1h,
         cwd, client_cost, trim_scale(cost_usd)::text AS cost
       FROM usage_entries ORDER BY occurred_at, output_tokens`,
    );
    return rows;
  }

  const write: Write = (records) => recordUsage(pool, ledgerContext, records);

  /** @returns how to send it a body */
  async function openReceiver(): Promise<(body: string) => Promise<void>> {
    const receiver = await startReceiver({ port: 0, record: write, logger });
    closers.push(receiver.close);
    return async (body) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`http://127.0.0.1:${receiver.port()}/popstash/v1/logs`, {
        method: 'POST',
        headers,
        body,
      });
      expect(answer.status).toBe(200);
    };
  }
  const transcript = usageRecord({
    requestId: 'req_1',
    messageId: 'msg_1',
    tokens: { input: 10, output: 20, cacheRead: 300, cacheWrite5m: 15, cacheWrite1h: 25 },
  });
  const one = [
    {
      client: 'claude',
      grade: 'measured',
      witnesses: ['telemetry', 'transcript'],
      input: 10,
      output: 20,
      read: 300,
      write5m: 15,
      write1h: 25,
      cwd: '/repo',
      client_cost: '0.01',
      cost: '0.00104375',
    },
  ];

  test.each(['telemetry first', 'transcript first'])(
    'by transcript and by telemetry, %s; sent again',
    async (order) => {
      const send = await openReceiver();
      const post = () => send(oneRequest);
      if (order === 'telemetry first') await post();
      await write([transcript]);
      await post();
      await Promise.all([post(), post(), write([transcript])]);
      expect(await entries()).toEqual(one);
      expect(await findDrift(pool)).toEqual([]);
    },
  );

  test('telemetry wins where they differ, and both stay known', async () => {
    const send = await openReceiver();
    await write([{ ...transcript, tokens: { ...transcript.tokens, output: 2 } }]);
    await send(oneRequest);
    expect(await entries()).toMatchObject([{ grade: 'measured', output: 20, write5m: 40, write1h: 0 }]);
    const { rows } = await pool.query<{ output: number }>(
      `SELECT (evidence #>> '{tokens,output}')::int AS output FROM usage_witnesses ORDER BY 1`,
    );
    expect(rows.map(({ output }) => output)).toEqual([2, 20]);
  });

  describe.each(Object.keys(RECORDED) as RecordedClient[])('as %s was recorded', (client) => {
    const logs = readRecordedLogs(client);

    test.each(['telemetry first', 'transcript first', 'in parts'])('%s', async (order) => {
      const send = await openReceiver();
      const post = () => send(logs);
      const rows = await readRecordedTranscript(client);
      if (order === 'telemetry first') await post();
      if (order === 'in parts') {
        for (const row of rows.slice(0, 1)) await write([row]);
        await post();
        for (const row of rows.slice(1)) await write([row]);
      } else await write(rows);
      await post();
      await Promise.all([post(), write(rows)]);
      const stored = await entries();
      expect(stored).toHaveLength(mergeRecords(rows).length);
      for (const entry of stored) {
        expect(entry).toMatchObject({
          grade: 'measured',
          witnesses: ['telemetry', 'transcript'],
          cwd: expect.any(String),
        });
      }
      expect(await findDrift(pool)).toEqual([]);
    });
  });

  describe('telemetry that names no request', () => {
    const at = (seconds: number) => new Date(Date.parse('2026-11-20T10:00:00.000Z') + seconds * 1_000).toISOString();
    const of = (change: RecordChange) => usageRecord({ client: 'codex', tokens: { input: 5, output: 7 }, ...change });
    const row = (n: number, seconds: number, change: RecordChange = {}) =>
      of({ requestId: `resp_${n}`, sessionId: 'thread', at: at(seconds), ...change });
    const event = (seconds: number, change: RecordChange = {}) =>
      of({
        sessionId: 'thread',
        at: at(seconds),
        witness: 'telemetry',
        grade: 'measured',
        cwd: null,
        isCacheSplitKnown: false,
        ...change,
      });

    async function seenBy(...batches: UsageRecord[][]): Promise<string[]> {
      await emptyLedger(pool);
      for (const batch of batches) await write(batch);
      const { rows } = await pool.query<{ seen: string }>(
        `SELECT array_to_string(witnesses, '+') AS seen FROM usage_entries ORDER BY occurred_at, 1`,
      );
      expect(await findDrift(pool)).toEqual([]);
      return rows.map(({ seen }) => seen);
    }
    const both = 'telemetry+transcript';

    test('equal requests are paired one by one, in any order and batches', async () => {
      const rows = [row(1, 0), row(2, 10), row(3, 20)];
      const events = [event(1), event(11), event(21)];
      const [r1 = [], r2 = [], r3 = []] = rows.map((one) => [one]);
      const [e1 = [], e2 = [], e3 = []] = events.map((one) => [one]);
      for (const batches of [
        [rows, events],
        [events, rows],
        [[...rows, ...events]],
        [e3, r1, e1, r3, r2, e2],
        [e1, e1, r1, e2, events, rows, rows],
      ]) {
        expect(await seenBy(...batches)).toEqual([both, both, both]);
      }
    });

    test('what one witness did not see stays alone', async () => {
      expect(await seenBy([row(1, 0), row(2, 10)], [event(11)])).toEqual(['transcript', both]);
      expect(await seenBy([event(0), event(10)], [row(1, 11)])).toEqual(['telemetry', both]);
    });

    test.each([
      ['of another session', { sessionId: 'other' }],
      ['of other counts', { tokens: { input: 5, output: 8 } }],
      ['of another time', { at: at(300) }],
      ['of another client', { client: 'gemini' }],
    ] as [string, RecordChange][])('a request %s is another one', async (_what, change) => {
      expect((await seenBy([row(1, 0)], [event(0, change)])).sort()).toEqual(['telemetry', 'transcript']);
      expect((await seenBy([event(0, change)], [row(1, 0)])).sort()).toEqual(['telemetry', 'transcript']);
    });

    test("a sub-agent's telemetry has its own session, its transcript its parent's", async () => {
      const ofSubagent = row(1, 0, { sessionId: 'parent', agentId: 'thread', isSidechain: true });
      expect(await seenBy([ofSubagent], [event(1)])).toEqual([both]);
      expect(await seenBy([event(1)], [ofSubagent])).toEqual([both]);
    });

    test('a row whose end is seen later is paired then', async () => {
      const partial = row(1, 0, { grade: 'partial', isFinished: false, tokens: { input: 5, output: 1 } });
      expect(await seenBy([partial], [event(1)], [row(1, 0)])).toEqual([both]);
    });

    test('cache writes that it counts as input', async () => {
      const written = row(1, 0, { tokens: { input: 2, cacheWrite5m: 3, output: 7 } });
      expect(await seenBy([written], [event(1)])).toEqual([both]);
      expect(await entries()).toMatchObject([{ grade: 'measured', input: 2, write5m: 3 }]);
    });
  });
});
