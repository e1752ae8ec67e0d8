import { describe, expect, it } from 'vitest';
import { codex } from '../../../src/accountability/clients/codex.js';
import type { RowReader } from '../../../src/accountability/transcripts/source-types.js';

const FILE = {
  path: '/x/rollout-2026-01-01T00-00-00-019a0000-0000-7000-8000-00000000000c.jsonl',
  bornAt: null,
  cwd: null,
};

function open(saved: unknown = null): RowReader {
  const { lines } = codex;
  if (!lines) throw new Error('Codex writes lines');
  return lines.open(saved, FILE);
}

const at = '2026-01-01T00:00:10.000Z';
const usage = (input: number) => ({
  input_tokens: input,
  cached_input_tokens: 0,
  output_tokens: 1,
  reasoning_output_tokens: 0,
});
const counted = (total: number, last: number) => ({
  timestamp: at,
  type: 'event_msg',
  payload: { type: 'token_count', info: { total_token_usage: usage(total), last_token_usage: usage(last) } },
});

describe('rows of Codex', () => {
  it('count a response once where it is told without the running total', () => {
    const reader = open();
    const told = { timestamp: at, type: 'token_usage_record', payload: { response_id: 'resp_1', usage: usage(5) } };
    const records = [told, counted(5, 5), counted(5, 5)].flatMap((row) => reader.readRow(row));
    expect(records.map(({ requestId }) => requestId)).toEqual(['resp_1']);
  });

  it('belong to the thread that the file is named after, if its first row is lost', () => {
    expect(open().readRow(counted(5, 5))).toMatchObject([
      { sessionId: '019a0000-0000-7000-8000-00000000000c', model: null },
    ]);
  });

  it('go on after an interruption with model, tool calls and total', () => {
    const reader = open();
    reader.readRow({
      timestamp: at,
      type: 'session_meta',
      payload: { id: 't', cwd: '/repo', model_provider: 'openai' },
    });
    reader.readRow({ timestamp: at, type: 'turn_context', payload: { model: 'gpt-5.4', cwd: '/repo/sub' } });
    expect(reader.readRow(counted(5, 5))).toHaveLength(1);
    reader.readRow({ timestamp: at, type: 'response_item', payload: { type: 'function_call', call_id: 'call_1' } });
    reader.readRow({
      timestamp: at,
      type: 'response_item',
      payload: { type: 'web_search_call', action: { type: 'search' } },
    });
    const later = open(JSON.parse(JSON.stringify(reader.save())));
    expect(later.readRow(counted(5, 5))).toEqual([]);
    expect(later.readRow(counted(9, 4))).toMatchObject([
      {
        sessionId: 't',
        model: 'gpt-5.4',
        provider: 'openai',
        cwd: '/repo/sub',
        toolUseIds: ['call_1'],
        webSearches: 1,
      },
    ]);
  });
});
