import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMessage } from '../../src/mcp/transport/read-message.js';
import { scanJson } from '../../src/mcp/transport/scan-json.js';
import { expectAnswer } from '../support/expected-answer.js';

const LONG = 'x'.repeat(20_000);

async function answerTo(line: string): Promise<unknown> {
  const read = await readMessage(Buffer.from(`${line}\n`));
  if (read === null || 'message' in read) return read;
  return read.answer === null ? 'none' : JSON.parse(read.answer);
}

describe('a line that is a message', () => {
  test.each(['', LONG])('is read, however long it is', async (text) => {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { text } };
    expect(await readMessage(Buffer.from(JSON.stringify(message)))).toEqual({ message });
  });

  test('has as many values as 64 KB of metadata may hold', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 8_000 }, (_, index) => [index, [1, 2, 3]]));
    const params = { name: 'stash', arguments: { metadata } };
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
    expect(await readMessage(Buffer.from(JSON.stringify(message)))).toEqual({ message });
  });
});

describe('a line that is none', () => {
  test.each([
    ['no JSON', '{"id":1', -32_700, null],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32_600, null],
    ['a field too many', '{"jsonrpc":"2.0","id":1,"method":"ping","x":1}', -32_600, 1],
    ['a long one with a field too many', `{"jsonrpc":"2.0","id":"1","method":"ping","x":"${LONG}"}`, -32_600, '1'],
    ['another version', '{"jsonrpc":"1.0","id":"a","method":"ping"}', -32_600, 'a'],
    ['an id that is none', '{"jsonrpc":"2.0","id":[1],"method":"ping"}', -32_600, null],
    ['params that are none', '{"jsonrpc":"2.0","id":0,"method":"ping","params":"x"}', -32_600, 0],
    [
      'too many values',
      `{"id":7,"jsonrpc":"2.0","method":"ping","params":{"a":[[${'1,'.repeat(80_000)}1]]}}`,
      -32_600,
      7,
    ],
    [
      'too many keys',
      `{"jsonrpc":"2.0","method":"ping","params":{"a":{${'"a":1,'.repeat(9_000)}"b":2}},"id":7}`,
      -32_600,
      7,
    ],
    ['too many values, cut off', `{"id":7,"method":"ping","params":[${'1,'.repeat(80_000)}1]`, -32_600, null],
    ['too deep', '['.repeat(100_000) + ']'.repeat(100_000), -32_600, null],
  ])('is answered: %s', async (_, line, code, id) => {
    expect(await answerTo(line)).toMatchObject({ jsonrpc: '2.0', id, error: { code } });
  });

  test.each([
    ['a blank', '  ', null],
    ['a notification', '{"jsonrpc":"2.0","method":"notifications/x","params":1}', 'none'],
    ['an answer', '{"jsonrpc":"2.0","id":1,"result":1}', 'none'],
    ['a huge notification', `{"jsonrpc":"2.0","method":"x","params":{"a":[${'1,'.repeat(80_000)}1]}}`, 'none'],
    ['a huge answer', `{"jsonrpc":"2.0","id":1,"result":[${'1,'.repeat(80_000)}1]}`, 'none'],
  ])('is not answered: %s', async (_, line, expected) => {
    expect(await answerTo(line)).toBe(expected);
  });
});

test('a scan finds the same fields as a parser, whatever is in the strings', async () => {
  const fields = fc.record(
    { id: fc.jsonValue(), method: fc.string({ unit: 'binary' }), params: fc.jsonValue(), error: fc.constant(1) },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fields, fc.constantFrom(undefined, 1, '\t'), async (value, indent) => {
      const line = JSON.stringify(value, null, indent);
      const scan = await scanJson(Buffer.from(line));
      const found = [...scan.fields].map(([name, { from, to }]) => [
        name,
        JSON.parse(Buffer.from(line).toString('utf8', from, to)),
      ]);
      const { params: _, ...expected } = JSON.parse(line);
      expect(Object.fromEntries(found)).toEqual(expected);
      expect(scan.isClosed).toBe(true);
      expect((await scanJson(Buffer.from(line.slice(0, -1)))).isClosed).toBe(false);
      expect((await scanJson(Buffer.from(`${line}x`))).isClosed).toBe(false);
    }),
  );
});

test('what is refused unread is answered as if it had been read', async () => {
  const values = fc.constantFrom('[1,1]', '{"a":[]}', '"\\\\"', '"]}"', '"\\"id\\":5,"', '{"id":[{}]}');
  const parts = fc.record(
    {
      id: fc.constantFrom('1', '"a"', '"\\\\"', 'null', '1.5', '[1,{"id":2}]', '{}'),
      method: fc.constantFrom('"ping"', '1', '{}'),
      result: values,
      params: values,
      id2: fc.constantFrom('2', '"b,"'),
    },
    { requiredKeys: [] },
  );
  const bomb = `[${'1,'.repeat(80_000)}1]`;
  await fc.assert(
    fc.asyncProperty(parts, fc.boolean(), async (fields, first) => {
      const written = Object.entries(fields).map(([name, value]) => `"${name === 'id2' ? 'id' : name}":${value}`);
      const all = first ? [`"params":${bomb}`, ...written] : [...written, `"params":${bomb}`];
      const line = `{${all.join()}}`;
      const expected = expectAnswer(line);
      const answer = await answerTo(line);
      if (expected === 'none') expect(answer).toBe('none');
      else expect(answer).toMatchObject({ id: expected === 'unnamed' ? null : JSON.parse(expected.id) });
    }),
    { numRuns: 60 },
  );
});
