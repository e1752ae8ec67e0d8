import { expect, test } from 'vitest';
import { createBridgeSession } from '../../src/bridge/bridge-session.js';

const line = (message: unknown): Buffer => Buffer.from(`${JSON.stringify(message)}\n`);
const initialize = line({ jsonrpc: '2.0', id: 0, method: 'initialize', params: {} });
const initialized = line({ jsonrpc: '2.0', method: 'notifications/initialized' });
const call = (id: number | string): Buffer =>
  line({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'stash', arguments: { name: 'a' } } });
const answer = (id: number | string): Buffer => line({ jsonrpc: '2.0', id, result: {} });

function replayed(session: ReturnType<typeof createBridgeSession>): Record<string, unknown>[] {
  return session.replay().lines.map((each) => JSON.parse(each.toString()) as Record<string, unknown>);
}

test('a new server hears the handshake again, and the client does not hear its answer twice', () => {
  const session = createBridgeSession();
  session.fromClient(initialize, true);
  expect(session.fromServer(answer(0))).toBe(true);
  session.fromClient(initialized, true);
  expect(session.swallows()).toBe(false);
  expect(replayed(session).map((message) => message.method)).toEqual(['initialize', 'notifications/initialized']);
  expect(session.swallows()).toBe(true);
  expect(session.fromServer(answer(0))).toBe(false);
});

test('also one whose answer crossed with the cancellation, until the server has answered what came after that', () => {
  const session = createBridgeSession();
  session.fromClient(call(1), true);
  expect(session.fromServer(answer(1))).toBe(true);
  session.fromClient(line({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }), true);
  expect(replayed(session)).toMatchObject([{ id: 1, params: { _meta: { 'popstash/cancelled': expect.any(Number) } } }]);
  session.fromClient(call(2), true);
  session.fromServer(answer(2));
  expect(replayed(session)).toEqual([]);
});

test('an initialize without an answer is sent again as it was, once', () => {
  const session = createBridgeSession();
  session.fromClient(initialize, true);
  expect(replayed(session)).toHaveLength(1);
  expect(session.fromServer(answer(0))).toBe(true);
});

test('calls without an answer are sent again in order, marked if a server may have carried them out', () => {
  const session = createBridgeSession();
  session.fromClient(initialize, true);
  session.fromServer(answer(0));
  for (const id of [1, '1', 2]) session.fromClient(call(id), true);
  session.fromClient(call(3), false);
  session.fromServer(answer('1'));
  const calls = replayed(session).filter((message) => message.method === 'tools/call');
  expect(calls.map((message) => message.id)).toEqual([1, 2, 3]);
  const marks = calls.map((message) => (message.params as { _meta?: Record<string, unknown> })._meta);
  expect(marks).toEqual([{ 'popstash/resent': true }, { 'popstash/resent': true }, undefined]);
  expect(session.pending()).toBe(3);
});

test('a cancelled call is sent again for what the server before may have left of it, and its answer is kept back', () => {
  const session = createBridgeSession();
  session.fromClient(call(0), true);
  session.fromClient(call(1), false);
  for (const requestId of [0, 1, 2])
    session.fromClient(line({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }), true);
  expect(session.pending()).toBe(0);
  const [again, ...others] = replayed(session);
  expect(others).toEqual([]);
  const meta = { 'popstash/resent': true, 'popstash/cancelled': expect.any(Number) };
  expect(again).toMatchObject({ id: 0, method: 'tools/call', params: { _meta: meta } });
  expect(session.fromServer(answer(0))).toBe(false);
});

test('what a server was asked to remember is told to its successor: the last word on each', () => {
  const session = createBridgeSession();
  session.fromClient(initialize, true);
  session.fromServer(answer(0));
  const subscribe = (id: number, uri: string): Buffer =>
    line({ jsonrpc: '2.0', id, method: 'resources/subscribe', params: { uri } });
  for (const [id, uri] of [
    [1, 'popstash://timeline'],
    [2, 'popstash://locks'],
    [3, 'popstash://timeline'],
  ] as const) {
    session.fromClient(subscribe(id, uri), true);
    session.fromServer(answer(id));
  }
  expect(replayed(session).map((message) => message.id)).toEqual([0, 3, 2]);
  expect(session.fromServer(answer(3))).toBe(false);
});

test('a call that every server dies of is not sent for ever', () => {
  const session = createBridgeSession();
  session.fromClient(call(1), true);
  for (let servers = 0; servers < 5; servers += 1) expect(session.replay()).toMatchObject({ lines: [{}], refused: [] });
  const { lines, refused } = session.replay();
  expect(lines).toEqual([]);
  const { id, result } = JSON.parse(refused[0] ?? '');
  expect([id, result.isError]).toEqual([1, true]);
  expect(JSON.parse(result.content[0].text)).toMatchObject({ code: 'internal', retryable: false });
  expect(session.pending()).toBe(0);
});

test('giving up answers every waiting call as a tool answers an error, and other requests by one of the protocol', () => {
  const session = createBridgeSession();
  session.fromClient(line({ jsonrpc: '2.0', id: 1, method: 'tools/list' }), false);
  session.fromClient(call('x'), false);
  const failure = {
    code: 'not_ready',
    message: 'It is away.',
    fix: 'Wait.',
    retryable: true,
    log: '/tmp/log',
  } as const;
  const errors = session.fail(failure).map((text) => JSON.parse(text));
  expect(errors.map((message) => message.id)).toEqual([1, 'x']);
  expect(errors[0].error).toMatchObject({ code: -32000, message: 'It is away. Wait.', data: { log: '/tmp/log' } });
  expect(errors[1].result.isError).toBe(true);
  expect(JSON.parse(errors[1].result.content[0].text)).toEqual(failure);
  expect(session.pending()).toBe(0);
});

test('what is no message is awaited until it is refused, and passes untouched', () => {
  const session = createBridgeSession();
  session.fromClient(Buffer.from('not json\n'), true);
  session.fromClient(Buffer.from('null\n'), false);
  session.fromClient(Buffer.from('\r\n'), true);
  expect(session.pending()).toBe(2);
  expect(session.replay().lines.map(String)).toEqual(['not json\n', 'null\n']);
  for (let left = 1; left >= 0; left -= 1) {
    session.fromServer(line({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'no' } }));
    expect(session.pending()).toBe(left);
  }
  expect(session.fromServer(line({ jsonrpc: '2.0', id: 7, method: 'roots/list' }))).toBe(true);
  expect(session.fromServer(line({ jsonrpc: '2.0', method: 'notifications/message' }))).toBe(true);
  expect(session.pending()).toBe(0);
});

test('fields that are anything but what they should be are no reason to stumble; such a request is answered without an id', () => {
  const session = createBridgeSession();
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const send = (text: string) => session.fromClient(Buffer.from(`${text}\n`), true);
  for (const value of [deep, '{"toString":1}', '1.5', 'true', '{"toJSON":{}}']) {
    send(`{"jsonrpc":"2.0","id":${value},"method":"tools/call"}`);
    send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${value}}}`);
    send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":${value}}`);
    session.fromServer(Buffer.from(`{"jsonrpc":"2.0","id":${value},"result":{}}`));
    expect(session.pending()).toBe(1);
    session.fromServer(Buffer.from('{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}}'));
  }
  send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":null}');
  expect(session.pending()).toBe(0);
  send(`{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":${deep}}}`);
  send('{"jsonrpc":"2.0","id":2,"method":"resources/subscribe","params":{"uri":{"toString":1}}}');
  send(`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"deep":${deep}}}`);
  send('{"jsonrpc":"2.0","id":4,"method":"tools/call","params":"x"}');
  send(`{"jsonrpc":"2.0","id":5,"method":${deep}}`);
  expect(session.replay().lines).toHaveLength(5);
});

test('a batch goes out as it came while no server has heard it, and its requests one by one afterwards', () => {
  const session = createBridgeSession();
  const ping = (id: number) => ({ jsonrpc: '2.0', id, method: 'ping' });
  const batch = line([ping(1), { jsonrpc: '2.0', method: 'notifications/x' }, ping(2)]);
  session.fromClient(batch, false);
  expect(session.pending()).toBe(2);
  expect(session.replay().lines).toEqual([batch]);
  expect(replayed(session)).toEqual([ping(1), ping(2)]);
  expect(session.fromServer(line([1, 2].map((id) => ({ jsonrpc: '2.0', id, result: {} }))))).toBe(true);
  expect(session.pending()).toBe(0);
});

test('a stream of changes is opened again at each server, and nobody waits for its end', () => {
  const session = createBridgeSession();
  const listen = { jsonrpc: '2.0', id: 'l', method: 'subscriptions/listen', params: {} };
  session.fromClient(line(listen), true);
  expect(session.pending()).toBe(0);
  for (let server = 0; server < 10; server += 1) expect(replayed(session)).toEqual([listen]);
  session.fromClient(line({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'l' } }), true);
  expect(replayed(session)).toEqual([]);
});
