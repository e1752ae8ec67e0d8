import { PassThrough } from 'node:stream';
import { setImmediate as nextRound } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLineTransport, type LineTransport } from '../../../src/mcp/transport/line-transport.js';

const META = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
const request = (id: number, method = 'ping', params?: object) => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(params && { params }),
});
const cancellation = (requestId: number) => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId },
});
const answer = (id: number) => ({ jsonrpc: '2.0' as const, id, result: {} });

interface Pair {
  transport: LineTransport;
  input: PassThrough;
  /** Methods and ids of what was delivered. */
  delivered: string[];
  written(): unknown[];
}

function open(): Pair {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const transport = createLineTransport(input, output);
  const delivered: string[] = [];
  let text = '';
  output.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  transport.onmessage = (message) => {
    if ('method' in message) delivered.push(`${message.method} ${'id' in message ? message.id : '-'}`);
  };
  void transport.start();
  const written = () => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]));
  return { transport, input, delivered, written };
}

const send = (input: PassThrough, ...messages: unknown[]) =>
  input.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));

async function rounds(count = 10): Promise<void> {
  for (let round = 0; round < count; round += 1) await nextRound();
}

test('a request that is cancelled before it was delivered is not delivered, the others are', async () => {
  const { input, delivered } = open();
  send(input, request(1), request(2), cancellation(1), request(1), request(3));
  await rounds();
  expect(delivered).toEqual(['ping 2', 'ping 1', 'ping 3']);
});

test('a later cancellation is delivered, and the request is owed nothing', async () => {
  const { input, delivered, transport } = open();
  send(input, request(1));
  await rounds();
  send(input, cancellation(1));
  await rounds();
  expect(delivered).toEqual(['ping 1', 'notifications/cancelled -']);
  await transport.drain(60_000);
});

test('answers to a batch go out together, with what is refused of it', async () => {
  const { input, written, transport, delivered } = open();
  send(input, [request(1), 7, { jsonrpc: '2.0', method: 'notifications/x' }, request(2)]);
  await rounds();
  expect(delivered).toEqual(['ping 1', 'notifications/x -', 'ping 2']);
  await transport.send(answer(2));
  expect(written()).toEqual([]);
  await transport.send(answer(1));
  await rounds();
  expect(written()).toMatchObject([[{ id: null, error: { code: -32_600 } }, answer(2), answer(1)]]);
});

test('a batch of which nothing is a request is refused, or owed nothing', async () => {
  const { input, written } = open();
  send(input, [{ jsonrpc: '2.0', method: 'notifications/x' }], [1, 2]);
  await rounds();
  expect(written()).toMatchObject([[{ id: null }, { id: null }]]);
});

test('the last line need have no newline, and is answered before the end', async () => {
  const { input, delivered, transport } = open();
  const ended = new Promise<void>((resolve) => {
    transport.oninputend = resolve;
  });
  input.end(JSON.stringify(request(1)));
  await ended;
  expect(transport.inputEnded.aborted).toBe(true);
  let isDrained = false;
  const drained = transport.drain(60_000).then(() => {
    isDrained = true;
  });
  await rounds();
  expect([delivered, isDrained]).toEqual([['ping 1'], false]);
  await transport.send(answer(1));
  await drained;
});

test('a bridge says that its client has ended', async () => {
  const { input, delivered, transport } = open();
  send(input, { jsonrpc: '2.0', method: 'notifications/popstash/input_ended' });
  await rounds();
  expect([delivered, transport.inputEnded.aborted]).toEqual([[], true]);
});

test('each request in a revision that is not known is refused, whatever came before', async () => {
  const { input, delivered, written } = open();
  const unknown = { _meta: { 'io.modelcontextprotocol/protocolVersion': '2099-01-01' } };
  send(input, request(1, 'tools/list', { _meta: META }), request(2, 'tools/list', unknown));
  await rounds();
  expect(delivered).toEqual(['tools/list 1']);
  const data = { supported: ['2026-07-28'], requested: '2099-01-01' };
  expect(written()).toMatchObject([{ id: 2, error: { code: -32_022, data } }]);
});

test('a stream of changes is told, and nobody waits for its end', async () => {
  const { input, transport } = open();
  let opened = 0;
  transport.onstream = () => {
    opened += 1;
  };
  send(input, request(1, 'subscriptions/listen', { _meta: META }));
  await rounds();
  expect([opened, transport.hasStreams()]).toEqual([1, true]);
  send(input, cancellation(1));
  await rounds();
  expect(transport.hasStreams()).toBe(false);
  send(input, request(2, 'subscriptions/listen', { _meta: META }));
  await rounds();
  await transport.drain(60_000);
});
