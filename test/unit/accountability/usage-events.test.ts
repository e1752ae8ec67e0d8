// What clients' own telemetry says about requests, as it was recorded, beside the transcript of the same session.
import { describe, expect, it } from 'vitest';
import { mergeRecords, type ResolvedEntry, resolveEntry } from '../../../src/accountability/merge-records.js';
import { formatDollars, parseDollars } from '../../../src/accountability/money.js';
import { openPriceBook } from '../../../src/accountability/prices/price-book.js';
import { priceRequest } from '../../../src/accountability/prices/price-request.js';
import { readJsonLogs } from '../../../src/accountability/receiver/read-json-logs.js';
import { readUsageEvents } from '../../../src/accountability/receiver/usage-events.js';
import type { UsageRecord } from '../../../src/accountability/usage.js';
import { claudeRequest, jsonRequest } from '../../support/telemetry/otlp-logs.js';
import {
  RECORDED,
  type RecordedClient,
  readRecordedLogs,
  readRecordedTranscript,
} from '../../support/telemetry/recorded-telemetry.js';

const book = openPriceBook();
const eventsOf = (text: string) => readUsageEvents(readJsonLogs(text));
const byTime = (a: UsageRecord, b: UsageRecord) => (a.at < b.at ? -1 : 1);
const readOne = (change: Parameters<typeof claudeRequest>[0]) =>
  eventsOf(JSON.stringify(jsonRequest([claudeRequest(change)]))).records[0];

describe.each(Object.keys(RECORDED) as RecordedClient[])('the recorded telemetry of %s', (client) => {
  it('tells each request once, as the transcript does', async () => {
    const { records, badEvents } = eventsOf(readRecordedLogs(client));
    const transcript = mergeRecords(await readRecordedTranscript(client)).map(resolveEntry);
    expect(badEvents).toBe(0);
    const shared = ({ client: name, sessionId, tokens, model }: ResolvedEntry | UsageRecord) => ({
      client: name,
      sessionId,
      model,
      tokens: { ...tokens, reasoning: client === 'claude' ? 0 : tokens.reasoning },
    });
    expect([...records].sort(byTime).map(shared)).toEqual(
      [...transcript].sort((a, b) => (a.at < b.at ? -1 : 1)).map(shared),
    );
    expect(
      records.every(({ witness, grade, isFinished }) => witness === 'telemetry' && grade === 'measured' && isFinished),
    ).toBe(true);
  });

  it('costs the same by either witness', async () => {
    const costOf = (all: readonly UsageRecord[]) =>
      formatDollars(
        mergeRecords(all)
          .map(resolveEntry)
          .reduce((sum, entry) => sum + (priceRequest(entry, book).cost ?? 0n), 0n),
      );
    const telemetry = eventsOf(readRecordedLogs(client)).records;
    expect(costOf(telemetry)).toBe(costOf(await readRecordedTranscript(client)));
  });
});

describe('Claude Code', () => {
  const { records } = eventsOf(readRecordedLogs('claude'));

  it("states the cost that our prices give, and its account's total", () => {
    for (const record of records) {
      const difference = parseDollars(record.clientCost ?? '') - (priceRequest(record, book).cost ?? 0n);
      expect(Math.abs(Number(difference))).toBeLessThan(1_000);
    }
    const total = records.reduce((sum, { clientCost }) => sum + Number(clientCost), 0);
    expect(total).toBeCloseTo(0.002924, 9);
  });

  it('shares request ids and the sub-agent with the transcript: one entry each', async () => {
    const transcript = await readRecordedTranscript('claude');
    const entries = mergeRecords([...records, ...transcript]);
    expect(entries).toHaveLength(4);
    expect(entries.map(({ evidence }) => Object.keys(evidence))).toEqual(
      entries.map(() => ['telemetry', 'transcript']),
    );
    const subagents = (list: readonly UsageRecord[]) => list.map(({ agentId }) => agentId).filter((id) => id !== null);
    expect(subagents(records)).toEqual([...new Set(subagents(transcript))]);
    expect(records.filter(({ isSidechain }) => isSidechain)).toHaveLength(1);
  });

  it('reads the forms of other versions and providers', () => {
    const writes = { cache_creation_5m_tokens: 15, cache_creation_1h_tokens: 25 };
    expect(readOne(writes)).toMatchObject({ tokens: { cacheWrite5m: 15, cacheWrite1h: 25 }, isCacheSplitKnown: true });
    expect(readOne({})).toMatchObject({ tokens: { cacheWrite5m: 40, cacheWrite1h: 0 }, isCacheSplitKnown: false });
    expect(readOne({ cost_usd_micros: 1, cost_usd: 0.00048799999999999994 })?.clientCost).toBe(
      '0.00048799999999999994',
    );
    expect(readOne({ 'anthropic.provider': 'bedrock', speed: 'fast' })).toMatchObject({
      provider: 'bedrock',
      speed: 'fast',
    });
    expect(readOne({ 'anthropic.provider': 'gateway', speed: 'normal' })).toMatchObject({
      provider: null,
      speed: 'standard',
    });
    expect(readOne({ query_source: 'subagent' })).toMatchObject({ isSidechain: true, agentId: null });
  });

  it("takes what costs money besides tokens from the transcript's row of the same request", async () => {
    const measured = readOne({ cache_creation_5m_tokens: 15, cache_creation_1h_tokens: 25 });
    const [row] = await readRecordedTranscript('claude');
    if (!measured || !row) throw new Error('no record');
    const tokens = { ...measured.tokens, reasoning: 7 };
    const own = { ...row, requestId: measured.requestId, tokens, webSearches: 3, inferenceGeo: 'us' };
    expect(mergeRecords([measured, own]).map(resolveEntry)).toMatchObject([
      { witness: 'telemetry', webSearches: 3, inferenceGeo: 'us', tokens },
    ]);
    const other = { ...own, tokens: { ...tokens, output: 1 } };
    expect(mergeRecords([measured, other]).map(resolveEntry)).toMatchObject([
      { webSearches: 0, tokens: { reasoning: 0 } },
    ]);
  });
});

describe('Codex', () => {
  const completed = (counts: Record<string, number | string>) =>
    eventsOf(
      JSON.stringify(
        jsonRequest([
          {
            attributes: {
              'event.name': 'codex.sse_event',
              'event.kind': 'response.completed',
              'conversation.id': 'thread',
              model: 'gpt-5.3-codex',
              ...counts,
            },
          },
        ]),
      ),
    ).records;

  it('reads texts of digits, and cache writes as input where it does not tell them', () => {
    const counts = { input_token_count: '1000', output_token_count: '50', cached_token_count: 600 };
    expect(completed(counts)).toMatchObject([
      { tokens: { input: 400, cacheRead: 600, cacheWrite5m: 0, output: 50 }, isCacheSplitKnown: false },
    ]);
    expect(completed({ ...counts, cache_write_token_count: 100 })).toMatchObject([
      { tokens: { input: 300, cacheRead: 600, cacheWrite5m: 100, output: 50 }, isCacheSplitKnown: true },
    ]);
  });

  it('tells nothing without counts', () => {
    expect(completed({})).toEqual([]);
    expect(completed({ 'error.message': 'stream closed' })).toEqual([]);
  });
});
