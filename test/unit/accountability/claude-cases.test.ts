import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claude } from '../../../src/accountability/clients/claude.js';
import { mergeRecords, resolveEntry } from '../../../src/accountability/merge-records.js';
import { formatDollars } from '../../../src/accountability/money.js';
import { openPriceBook } from '../../../src/accountability/prices/price-book.js';
import { priceRequest } from '../../../src/accountability/prices/price-request.js';
import { environmentOf, readAll } from '../../support/ledger/client-histories/read-all.js';

const book = openPriceBook();

interface RowChange {
  id?: string;
  requestId?: string | null;
  model?: string;
  stop?: string | null;
  usage?: Record<string, unknown>;
  row?: Record<string, unknown>;
  content?: unknown;
}

/** One row of an answer: 100 tokens in and 20 out at $5 and $25 a million, so $0.001. */
function row({
  id = 'msg_1',
  requestId = 'req_1',
  model = 'claude-opus-4-5',
  stop = 'end_turn',
  usage,
  row,
  content = [],
}: RowChange): string {
  const message = {
    id,
    role: 'assistant',
    model,
    content,
    stop_reason: stop,
    usage: { input_tokens: 100, output_tokens: 20, ...usage },
  };
  const ids = requestId === null ? {} : { requestId };
  const envelope = {
    type: 'assistant',
    sessionId: 's1',
    isSidechain: false,
    timestamp: '2026-05-01T10:00:00.000Z',
    cwd: '/repo',
  };
  return JSON.stringify({ ...envelope, ...ids, ...row, message });
}

/** Writes files below the client's folder and reads them as one ledger would. */
async function read(files: Record<string, string>) {
  const home = mkdtempSync(join(tmpdir(), 'popstash-claude-'));
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, '.claude', 'projects', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const { records, badRows } = await readAll(claude, environmentOf(home));
  const entries = mergeRecords(records).map(resolveEntry);
  const prices = entries.map((entry) => priceRequest(entry, book));
  const cost = formatDollars(prices.reduce((sum, { cost }) => sum + (cost ?? 0n), 0n));
  return { entries, badRows, cost, unpriced: prices.filter((price) => price.cost === null).length };
}

const session = (...rows: string[]) => ({ 'p/s1.jsonl': `${rows.join('\n')}\n` });

describe('what trackers of usage got wrong', () => {
  it.each<[string, Record<string, string>, string]>([
    ['rows of one streamed message', session(row({}), row({}), row({})), '0.001'],
    ['a partial row first', session(row({ stop: null, usage: { output_tokens: 1 } }), row({})), '0.001'],
    ['a row without a request id', session(row({ requestId: null }), row({ requestId: null }), row({})), '0.001'],
    [
      "a sub-agent's file",
      {
        ...session(row({})),
        'p/s1/subagents/agent-a.jsonl': `${row({ id: 'msg_2', requestId: 'req_2', row: { isSidechain: true } })}\n`,
      },
      '0.002',
    ],
    [
      'a side conversation that sends its parent again',
      {
        ...session(row({})),
        'p/s1/subagents/agent-b.jsonl': `${row({ requestId: 'req_9', row: { isSidechain: true } })}\n`,
      },
      '0.001',
    ],
    ['a resumed copy', { ...session(row({})), 'p/s2.jsonl': `${row({ row: { sessionId: 's2' } })}\n` }, '0.001'],
    [
      'a torn last line',
      { 'p/s1.jsonl': `${row({})}\n${row({ id: 'msg_2', requestId: 'req_2' }).slice(0, -3)}` },
      '0.001',
    ],
    [
      'cache writes of one hour',
      session(
        row({
          usage: {
            cache_creation_input_tokens: 2000,
            cache_creation: { ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 1000 },
          },
        }),
      ),
      '0.01725',
    ],
    [
      'a prompt above 200,000 tokens',
      session(row({ model: 'claude-sonnet-4-5-20250929', usage: { cache_read_input_tokens: 200_000 } })),
      '0.12105',
    ],
    ['fast mode', session(row({ model: 'claude-opus-4-6', usage: { speed: 'fast' } })), '0.006'],
    [
      'inference in the United States',
      session(row({ model: 'claude-opus-4-6', usage: { inference_geo: 'us' } })),
      '0.0011',
    ],
    ['web searches', session(row({ usage: { server_tool_use: { web_search_requests: 100 } } })), '1.001'],
    [
      'a tool argument that is null',
      session(row({ content: [{ type: 'tool_use', id: 'toolu_1', input: { id: null, requestId: null } }] })),
      '0.001',
    ],
  ])('%s', async (_, files, expected) => {
    const { cost, badRows, unpriced } = await read(files);
    expect({ cost, badRows, unpriced }).toEqual({ cost: expected, badRows: 0, unpriced: 0 });
  });

  it('an unknown model is unpriced, not free', async () => {
    const { entries, unpriced } = await read(session(row({ model: 'claude-opus-4-50' })));
    expect([entries.length, unpriced]).toEqual([1, 1]);
  });

  it('an answer whose end was never seen is partial', async () => {
    const { entries } = await read(session(row({ stop: null, usage: { output_tokens: 1 } })));
    expect(entries).toMatchObject([{ grade: 'partial', isFinished: false, tokens: { output: 1 } }]);
  });

  it("the client's own texts are no requests, and rows of others are nobody's", async () => {
    const usage = { input_tokens: 5, output_tokens: 5 };
    const rows = [
      row({ model: '<synthetic>' }),
      JSON.stringify({ type: 'user', toolUseResult: { usage, totalTokens: 999 } }),
      JSON.stringify({ type: 'progress', data: { message: { type: 'assistant', message: { id: 'x', usage } } } }),
      JSON.stringify({ type: 'assistant', message: { id: 'y', usage: null } }),
    ];
    expect(await read(session(...rows))).toMatchObject({ entries: [], badRows: 0 });
  });

  it('a request within a request, made of another model, costs what that model costs', async () => {
    const advisor = { type: 'advisor_message', model: 'claude-haiku-4-5', input_tokens: 1000, output_tokens: 100 };
    const { entries, cost } = await read(
      session(row({ usage: { iterations: [advisor] } }), row({ usage: { iterations: [advisor] } })),
    );
    expect([entries.length, cost]).toEqual([2, '0.0025']);
  });

  it('answers of resellers are marked in their ids', async () => {
    const { entries } = await read(
      session(row({ id: 'msg_bdrk_1', requestId: null }), row({ id: 'msg_vrtx_1', requestId: null })),
    );
    expect(entries.map(({ provider }) => provider)).toEqual(['aws', 'google']);
  });

  it('fields of unknown form cost the row nothing but themselves; counts of unknown form are counted as damage', async () => {
    const odd = row({ usage: { service_tier: 7, speed: {} }, row: { cwd: 5, gitBranch: [] } });
    expect(await read(session(odd))).toMatchObject({
      badRows: 0,
      cost: '0.001',
      entries: [{ cwd: null, gitBranch: null }],
    });
    expect(
      await read(session(row({ usage: { input_tokens: '100' } }), row({ id: 'msg_2', requestId: 'r' }))),
    ).toMatchObject({
      badRows: 1,
      cost: '0.001',
    });
  });
});
