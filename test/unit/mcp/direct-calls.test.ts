// Plain calls of tools are answered without the SDK's layers, as the SDK would answer them.
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { describe, expect, test } from 'vitest';
import { createDirectCalls, type DirectCallsOptions } from '../../../src/mcp/server/direct-calls.js';

const call = (params?: Record<string, unknown>, id: string | number = 1) =>
  ({ jsonrpc: '2.0', id, method: 'tools/call', ...(params && { params }) }) as JSONRPCMessage;

function open(answer: DirectCallsOptions['call'] = async () => ({ content: [] }), protocolVersion = '2025-11-25') {
  const sent: JSONRPCMessage[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const transport = {
    ...(protocolVersion !== '' && { protocolVersion }),
    send: async (message: JSONRPCMessage) => {
      sent.push(message);
      for (const { count, resolve } of waiting) if (sent.length >= count) resolve();
    },
  };
  const direct = createDirectCalls({ call: answer, client: () => ({ name: 'c', version: '1' }), transport });
  /** Resolves when so many messages are sent. */
  const until = (count: number) => new Promise<void>((resolve) => waiting.push({ count, resolve }));
  return { direct, sent, until };
}

describe('which calls are taken', () => {
  test.for([
    ['a name alone', { name: 'ping' }],
    ['arguments', { name: 'ping', arguments: { a: 1 } }],
    ['a token for progress and keys of others', { name: 'ping', _meta: { progressToken: 1, traceparent: '00-1' } }],
  ] as const)('%s', async ([, params]) => {
    const { direct, sent, until } = open();
    const done = until(1);
    expect(direct.take(call(params))).toBe(true);
    await done;
    expect(sent).toEqual([{ jsonrpc: '2.0', id: 1, result: { content: [] } }]);
  });

  test.for([
    ['no parameters', call()],
    ['no name', call({ arguments: {} })],
    ['arguments that are a list', call({ name: 'ping', arguments: [] })],
    ['a task of the protocol', call({ name: 'ping', task: {} })],
    ['an envelope', call({ name: 'ping', _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } })],
    ['what is no set of keys', call({ name: 'ping', _meta: 5 })],
    ['a token that is none', call({ name: 'ping', _meta: { progressToken: {} } })],
    ['a retry', call({ name: 'ping', requestState: 'x' })],
    ['another method', { jsonrpc: '2.0', id: 1, method: 'tools/list' }],
    ['a notification', { jsonrpc: '2.0', method: 'tools/call', params: { name: 'ping' } }],
  ] as [string, JSONRPCMessage][])('not with %s', ([, message]) => {
    expect(open().direct.take(message)).toBe(false);
  });

  test('not before initialize is answered', () => {
    expect(open(undefined, '').direct.take(call({ name: 'ping' }))).toBe(false);
  });
});

describe('how they are answered', () => {
  test('a cancelled one has its signal aborted and gets no answer, also with the id 0', async () => {
    const signals: AbortSignal[] = [];
    const { direct, sent, until } = open(async (_params, { signal, requestId }) => {
      signals.push(signal);
      if (requestId === 0) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { content: [] };
    });
    direct.take(call({ name: 'ping' }, 0));
    direct.cancel(0);
    const done = until(1);
    direct.take(call({ name: 'ping' }, 'second'));
    await done;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(sent).toMatchObject([{ id: 'second' }]);
  });

  test('progress goes out before the answer; a failure keeps its code and data', async () => {
    const { direct, sent, until } = open(async (_params, extra) => {
      await extra.sendNotification({
        method: 'notifications/progress',
        params: { progressToken: 't', progress: 1, total: 2, message: 'half' },
      });
      throw Object.assign(new Error('no'), { code: -32_602, data: { why: 'test' } });
    });
    const done = until(2);
    direct.take(call({ name: 'ping', _meta: { progressToken: 't' } }));
    await done;
    expect(sent).toEqual([
      expect.objectContaining({ method: 'notifications/progress' }),
      { jsonrpc: '2.0', id: 1, error: { code: -32_602, message: 'no', data: { why: 'test' } } },
    ]);
  });
});
