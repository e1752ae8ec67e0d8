import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeRecords, resolveEntry } from '../../../src/accountability/merge-records.js';
import { NO_TOKENS, type TokenCounts, type UsageRecord } from '../../../src/accountability/usage.js';

function record(change: Omit<Partial<UsageRecord>, 'tokens'> & { tokens?: Partial<TokenCounts> }): UsageRecord {
  return {
    client: 'claude',
    sessionId: 's1',
    requestId: 'r1',
    messageId: 'm1',
    isSidechain: false,
    agentId: null,
    parentSessionId: null,
    sessionBornAt: null,
    toolUseIds: [],
    model: 'claude-opus-4-5',
    provider: 'anthropic',
    clientVersion: '2.1.0',
    at: '2026-11-20T10:00:00.000Z',
    cwd: '/repo',
    gitBranch: 'main',
    iterations: null,
    webSearches: 0,
    serviceTier: null,
    speed: null,
    inferenceGeo: null,
    clientCost: null,
    witness: 'transcript',
    grade: 'transcript',
    isFinished: true,
    revision: 0,
    isCacheSplitKnown: true,
    ...change,
    tokens: { ...NO_TOKENS, ...change.tokens },
  };
}

const only = (...records: UsageRecord[]) => mergeRecords(records).map(resolveEntry);

describe('one entry a request', () => {
  it('joins rows that share a request id or a message id, also through further rows', () => {
    const [a, b, c] = [
      record({ requestId: 'r1', messageId: 'm1' }),
      record({ requestId: 'r2', messageId: 'm2' }),
      record({ requestId: 'r2', messageId: 'm1' }),
    ] as const;
    expect(only(a, b)).toHaveLength(2);
    expect(only(a, b, c)).toHaveLength(1);
    expect(only(a, b, c)[0]?.keys).toEqual(['message:m1', 'message:m2', 'request:r1', 'request:r2']);
    expect(only(a, record({ client: 'codex' }))).toHaveLength(2);
  });

  it('counts a row without ids once, however often it is read', () => {
    const row = record({ requestId: null, messageId: null, tokens: { input: 5 } });
    expect(only(row, { ...row }, record({ requestId: null, messageId: null, tokens: { input: 6 } }))).toHaveLength(2);
  });

  it('takes the finished row over the partial one, whichever comes first, and all tool calls', () => {
    const partial = record({ grade: 'partial', isFinished: false, tokens: { output: 900 }, toolUseIds: ['t2'] });
    const finished = record({ tokens: { output: 50 }, toolUseIds: ['t1'] });
    for (const rows of [
      [partial, finished],
      [finished, partial],
    ]) {
      expect(only(...rows)).toMatchObject([{ grade: 'transcript', tokens: { output: 50 }, toolUseIds: ['t1', 't2'] }]);
    }
  });

  it("takes the parent's row over a sidechain's replay, and stays the parent's", () => {
    const parent = record({ requestId: 'r1', tokens: { output: 40 } });
    const replay = record({ requestId: 'r9', isSidechain: true, agentId: 'a', tokens: { output: 41 } });
    expect(only(replay, parent)).toMatchObject([{ isSidechain: false, agentId: null, tokens: { output: 40 } }]);
  });

  it('takes the larger output of equal rows, and the last revision of a rewritten message', () => {
    expect(only(record({ tokens: { output: 1 } }), record({ tokens: { output: 2 } }))[0]?.tokens.output).toBe(2);
    const last = record({ revision: 200, tokens: { output: 1 } });
    expect(only(last, record({ revision: 100, tokens: { output: 2 } }))[0]?.tokens.output).toBe(1);
  });

  it('gives a copied row to the session whose file is oldest', () => {
    const first = record({ sessionId: 'z', sessionBornAt: '2026-11-20T09:00:00.000Z' });
    const copy = record({ sessionId: 'a', sessionBornAt: '2026-11-21T09:00:00.000Z' });
    expect(only(copy, first)[0]?.sessionId).toBe('z');
  });

  it("prefers the client's telemetry, with the transcript's split of cache writes where both agree", () => {
    const transcript = record({ webSearches: 2, tokens: { input: 1, output: 2, cacheWrite5m: 3, cacheWrite1h: 4 } });
    const telemetry = record({
      messageId: null,
      witness: 'telemetry',
      grade: 'measured',
      isCacheSplitKnown: false,
      cwd: null,
      clientCost: '0.1',
      tokens: { input: 1, output: 2, cacheWrite5m: 7 },
    });
    expect(only(telemetry, transcript)).toMatchObject([
      {
        grade: 'measured',
        clientCost: '0.1',
        cwd: '/repo',
        webSearches: 2,
        tokens: { cacheWrite5m: 3, cacheWrite1h: 4 },
      },
    ]);
    const other = { ...telemetry, tokens: { ...telemetry.tokens, output: 9 } };
    expect(only(other, transcript)).toMatchObject([{ tokens: { output: 9, cacheWrite5m: 7, cacheWrite1h: 0 } }]);
    expect(Object.keys(mergeRecords([telemetry, transcript])[0]?.evidence ?? {})).toEqual(['telemetry', 'transcript']);
  });
});

const id = fc.option(fc.integer({ min: 0, max: 5 }).map(String), { nil: null });
const small = fc.integer({ min: 0, max: 3 });
const anyRecord = fc
  .record({
    requestId: id,
    messageId: id,
    sessionId: fc.constantFrom('s1', 's2'),
    sessionBornAt: fc.constantFrom(null, '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'),
    at: fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.000Z'),
    cwd: fc.constantFrom(null, '/a', '/b'),
    isSidechain: fc.boolean(),
    isFinished: fc.boolean(),
    revision: small,
    toolUseIds: fc.array(fc.constantFrom('t1', 't2', 't3'), { maxLength: 2 }),
    output: small,
    input: small,
    kind: fc.constantFrom('telemetry', 'transcript', 'report'),
  })
  .map(({ output, input, kind, ...rest }) => {
    const grade = {
      telemetry: 'measured',
      transcript: rest.isFinished ? 'transcript' : 'partial',
      report: 'reported',
    } as const;
    const witness = kind as keyof typeof grade;
    return record({ ...rest, witness, grade: grade[witness], tokens: { output, input } });
  });

describe('merging', () => {
  it('depends on the set of rows alone: any order, any repetition, any grouping', () => {
    fc.assert(
      fc.property(
        fc
          .array(anyRecord, { maxLength: 14 })
          .chain((rows) =>
            fc.tuple(
              fc.constant(rows),
              fc.shuffledSubarray([...rows, ...rows], { minLength: rows.length * 2 }),
              fc.integer({ min: 0, max: rows.length * 2 }),
            ),
          ),
        ([rows, shuffled, cut]) => {
          const expected = mergeRecords(rows);
          expect(mergeRecords(shuffled)).toEqual(expected);
          const inSteps = mergeRecords([...mergeRecords(shuffled.slice(0, cut)), ...shuffled.slice(cut)]);
          expect(inSteps).toEqual(expected);
          expect(mergeRecords([...mergeRecords(shuffled.slice(cut)), ...expected])).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('puts every id into exactly one entry', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 20 }), (rows) => {
        const keys = mergeRecords(rows).flatMap((entry) => entry.keys);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});
