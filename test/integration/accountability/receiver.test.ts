// The receiver of the clients' own telemetry over real HTTP: what it takes and what it refuses.
import { createServer, request as httpRequest, type RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../../src/accountability/receiver/start-receiver.js';
import type { UsageRecord } from '../../../src/accountability/usage.js';
import { createLogger } from '../../../src/logger.js';
import { waitUntil } from '../../support/setup/wait-until.js';
import { claudeRequest, exportLogs, jsonRequest } from '../../support/telemetry/otlp-logs.js';

const logger = createLogger('silent', 'test');
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Write = (records: readonly UsageRecord[]) => Promise<unknown>;

async function listen(record: Write): Promise<{ url: string; receiver: Receiver }> {
  const receiver = await startReceiver({ port: 0, record, logger });
  closers.push(receiver.close);
  return { url: `http://127.0.0.1:${receiver.port()}`, receiver };
}

async function listenWithout(): Promise<{ url: string; received: UsageRecord[] }> {
  const received: UsageRecord[] = [];
  const { url } = await listen(async (records) => void received.push(...records));
  return { url, received };
}

interface Answered {
  status: number;
  text: string;
}

/** A request with any headers, which `fetch` would not let pass. */
function send(url: string, body: string | Buffer, options: RequestOptions = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...options.headers,
    };
    const sending = httpRequest(url, { method: 'POST', ...options, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

const oneRequest = JSON.stringify(jsonRequest([claudeRequest()]));

describe('what is received', () => {
  test.each([
    ['json', false],
    ['json', true],
    ['protobuf', false],
    ['protobuf', true],
  ] as const)('%s, packed: %s', async (encoding, isPacked) => {
    const { url, received } = await listenWithout();
    const resource = { 'session.id': 'of the resource', 'service.version': '2.1.0' };
    const logs = [
      claudeRequest({ 'session.id': 'own', cost_usd: 0.0125 }),
      claudeRequest({ request_id: 'req_2', input_tokens: '11', output_tokens: '7', 'event.timestamp': '' }),
      { ...claudeRequest(), body: 'claude_code.user_prompt', attributes: { prompt: 'words', input_tokens: 5 } },
    ];
    const time = Date.parse('2026-11-20T11:00:00.000Z');
    const sent = logs.map((log) => ({ ...log, time }));
    expect(await exportLogs(sent, { url: `${url}/popstash/v1/logs`, encoding, isPacked, resource })).toEqual([]);
    const byId = [...received].sort((a, b) => ((a.requestId ?? '') < (b.requestId ?? '') ? -1 : 1));
    expect(byId).toMatchObject([
      {
        client: 'claude',
        requestId: 'req_1',
        sessionId: 'own',
        at: '2026-11-20T10:00:00.000Z',
        clientVersion: '2.1.0',
        clientCost: '0.0125',
        tokens: { input: 10, output: 20, cacheRead: 300, cacheWrite5m: 40 },
        witness: 'telemetry',
        grade: 'measured',
      },
      { requestId: 'req_2', at: '2026-11-20T11:00:00.000Z', tokens: { input: 11, output: 7 } },
    ]);
  });

  test.each(['/v1/metrics', '/v1/traces', '/popstash/v1/metrics'])('%s is taken and ignored', async (path) => {
    const { url, received } = await listenWithout();
    expect(await send(`${url}${path}`, oneRequest)).toEqual({ status: 200, text: '{}' });
    expect(received).toEqual([]);
  });

  test('texts of prompts and answers are dropped', async () => {
    const { url, received } = await listenWithout();
    const log = claudeRequest({
      prompt: 'a secret '.repeat(100),
      response_text: 'words of an answer',
      model: 'claude-x',
    });
    await send(`${url}/v1/logs`, JSON.stringify(jsonRequest([log])));
    expect(received).toHaveLength(1);
    expect(JSON.stringify(received)).not.toMatch(/secret|words/);
  });
});

/** ResourceLogs with ScopeLogs with 10,001 empty LogRecords. */
function createManyRecords(): Buffer {
  const records = Buffer.alloc(20_002);
  for (let at = 0; at < records.length; at += 2) records[at] = 0x12;
  const varint = (value: number) => [(value & 0x7f) | 0x80, ((value >> 7) & 0x7f) | 0x80, value >> 14];
  const scope = Buffer.concat([Buffer.from([0x12, ...varint(records.length)]), records]);
  return Buffer.concat([Buffer.from([0x0a, ...varint(scope.length)]), scope]);
}

describe('what is refused', () => {
  const manyRecords = createManyRecords();
  const cases: [what: string, status: number, body: string | Buffer, options?: RequestOptions & { path?: string }][] = [
    ['a Host of another name', 403, oneRequest, { headers: { host: 'evil.example' } }],
    ['a Host that is none', 403, oneRequest, { headers: { host: '::::' } }],
    ['a browser, by Origin', 403, oneRequest, { headers: { origin: 'http://127.0.0.1' } }],
    ['a browser, by Sec-Fetch-Site', 403, oneRequest, { headers: { 'sec-fetch-site': 'same-origin' } }],
    ['GET', 405, '', { method: 'GET' }],
    ['another content type', 415, oneRequest, { headers: { 'content-type': 'text/plain' } }],
    ['another packing', 415, oneRequest, { headers: { 'content-encoding': 'br' } }],
    ['no gzip', 400, oneRequest, { headers: { 'content-encoding': 'gzip' } }],
    ['a bomb', 413, gzipSync(Buffer.alloc(64 * 1024 * 1024)), { headers: { 'content-encoding': 'gzip' } }],
    ['what is too large', 413, Buffer.alloc(9 * 1024 * 1024, ' ')],
    [
      'too many records',
      400,
      JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: Array(10_001).fill({}) }] }] }),
    ],
    ['too many records in protobuf', 400, manyRecords, { headers: { 'content-type': 'application/x-protobuf' } }],
    ['no JSON', 400, '{"resourceLogs":['],
    [
      'no protobuf',
      400,
      Buffer.from([10, 255, 255, 255, 255, 15, 1]),
      { headers: { 'content-type': 'application/x-protobuf' } },
    ],
  ];

  test.each(cases)('%s: %i', async (_what, status, body, options = {}) => {
    const { url, received } = await listenWithout();
    // A client that still sends may see its connection end before the answer.
    const answer = await send(`${url}/v1/logs`, body, options).catch((error: NodeJS.ErrnoException) => error.code);
    if (status === 413)
      expect(['ECONNRESET', 'EPIPE', 413]).toContain(typeof answer === 'object' ? answer.status : answer);
    else expect(answer).toMatchObject({ status });
    expect(received).toEqual([]);
    expect(await send(`${url}/v1/logs`, oneRequest)).toEqual({ status: 200, text: '{}' });
    expect(received).toHaveLength(1);
  });

  test('another path: 404', async () => {
    const { url } = await listenWithout();
    for (const path of ['/', '/v1/logs/x', '/popstash', '/popstash/../v1/log']) {
      expect(await send(`${url}${path}`, oneRequest)).toMatchObject({ status: 404 });
    }
  });

  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const strange: [what: string, body: string][] = [
    ['deep lists', deep],
    [
      'deep values',
      `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"a","value":{"arrayValue":${deep}}}]}]}]}]}`,
    ],
    ['null', 'null'],
    ['a number', '7'],
    [
      'lists for objects',
      '{"resourceLogs":[[[]],null,7,{"scopeLogs":"x"},{"scopeLogs":[{"logRecords":{"length":9}}]}]}',
    ],
    [
      'keys of the prototype',
      JSON.stringify(
        jsonRequest([
          { body: '__proto__', attributes: { ['__proto__']: 'x', constructor: 'y' } },
          { body: 'toString', attributes: {} },
        ]),
      ),
    ],
    ...(
      [
        { input_tokens: -1 },
        { input_tokens: 1.5 },
        { output_tokens: 'many' },
        { output_tokens: 1e300 },
        { input_tokens: true },
        { model: 7 },
      ] as Parameters<typeof claudeRequest>[0][]
    ).map((change): [string, string] => [JSON.stringify(change), JSON.stringify(jsonRequest([claudeRequest(change)]))]),
  ];

  test.each(strange)('tells of nothing: %s', async (_what, body) => {
    const { url, received } = await listenWithout();
    expect(await send(`${url}/v1/logs`, body)).toEqual({ status: 200, text: '{}' });
    expect(received).toEqual([]);
  });

  test('a cost that is no number costs the record nothing but this', async () => {
    const { url, received } = await listenWithout();
    const logs = ['free', 'NaN', '1e999', '-1'].map((cost_usd, n) =>
      claudeRequest({ cost_usd, request_id: `req_${n}` }),
    );
    await send(`${url}/v1/logs`, JSON.stringify(jsonRequest(logs)));
    expect(received.map(({ clientCost }) => clientCost)).toEqual([null, null, null, null]);
  });

  test('while the ledger is away: 503, so that the client sends it again', async () => {
    let isAway = true;
    const received: UsageRecord[] = [];
    const { url } = await listen(async (records) => {
      if (isAway) throw new Error('away');
      received.push(...records);
    });
    expect(await send(`${url}/v1/logs`, oneRequest)).toMatchObject({ status: 503 });
    isAway = false;
    expect(await send(`${url}/v1/logs`, oneRequest)).toMatchObject({ status: 200 });
    expect(received).toHaveLength(1);
  });

  test('more than a few at once: 503', async () => {
    let release: () => void = () => undefined;
    const free = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { url } = await listen(() => free);
    const statuses: number[] = [];
    const all = Array.from({ length: 12 }, async () => {
      statuses.push((await send(`${url}/v1/logs`, oneRequest)).status);
    });
    await waitUntil(() => statuses.length === 4, 'the refusals');
    release();
    await Promise.all(all);
    expect(statuses).toEqual([503, 503, 503, 503, ...Array(8).fill(200)]);
  });
});

test('a port that is taken is told once and taken when it is free', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const received: UsageRecord[] = [];
  const record: Write = async (records) => received.push(...records);
  const receiver = await startReceiver({ port, record, logger, retryMs: 20 });
  closers.push(receiver.close);
  expect(receiver.port()).toBeNull();
  await new Promise((resolve) => other.close(resolve));
  await waitUntil(() => receiver.port() === port, 'the port');
  expect(await send(`http://127.0.0.1:${port}/v1/logs`, oneRequest)).toMatchObject({ status: 200 });
  const second = await startReceiver({ port, record, logger, retryMs: 60_000 });
  await second.close();
  expect(received).toHaveLength(1);
});
