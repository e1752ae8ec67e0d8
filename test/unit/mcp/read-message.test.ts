import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineSplitter } from '../../../src/ipc/split-lines.js';
import { dropLongLine, MAX_LINE_BYTES } from '../../../src/mcp/transport/drop-long-line.js';
import { type ReadLine, readMessage } from '../../../src/mcp/transport/read-message.js';
import { readEnvelope } from '../../../src/mcp/transport/scan-envelope.js';
import { createJsonScan, scanBytes } from '../../../src/mcp/transport/scan-json.js';
import { MAX_SHORT_LINE_BYTES, takeLongLine } from '../../../src/mcp/transport/take-long-line.js';
import { expectAnswers } from '../../support/inputs/expected-answer.js';

const LONG = 'x'.repeat(20_000);
const PIPE_BYTES = 64 * 1024;

function* inChunks(line: string, bytes: number): Generator<Buffer> {
  const whole = Buffer.from(line);
  for (let from = 0; from < whole.length; from += bytes) yield whole.subarray(from, from + bytes);
}

/** Reads a line as the transport does, whatever its length. */
function readLine(line: string, chunkBytes = PIPE_BYTES): ReadLine | null {
  let read: ReadLine | null = null;
  const split = createLineSplitter(
    (short) => {
      read = readMessage(short.toString('utf8'));
    },
    MAX_SHORT_LINE_BYTES,
    (begin) =>
      takeLongLine(begin, (reader) => {
        read = reader();
      }),
  );
  for (const chunk of inChunks(`${line}\n`, chunkBytes)) split(chunk);
  return read;
}

function answerTo(line: string, chunkBytes?: number): unknown {
  const read = readLine(line, chunkBytes);
  if (read === null || 'message' in read || 'batch' in read) return read;
  return read.answer === null ? 'none' : JSON.parse(read.answer);
}

describe('a line that is a message', () => {
  test.each(['', LONG])('is read, however long it is', (text) => {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { text } };
    expect(readLine(JSON.stringify(message))).toEqual({ message });
  });

  test.each([
    ['{"jsonrpc":"2.0","id":1,"method":"ping","params":null}', { jsonrpc: '2.0', id: 1, method: 'ping' }],
    [
      '\ufeff{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ping","arguments":null}}',
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'ping' } },
    ],
  ])('may say null for what there is none of, and begin with a byte order mark: %s', (line, message) => {
    expect(readLine(line)).toEqual({ message });
  });

  test('may be a batch, whose parts are read one by one', () => {
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    const read = readLine(JSON.stringify([ping, 1]));
    expect(read).toMatchObject({ batch: [{ message: ping }, { answer: expect.stringContaining('"id":null') }] });
  });

  test('has as many values as 64 KB of metadata may hold', () => {
    const metadata = Object.fromEntries(Array.from({ length: 8_000 }, (_, index) => [index, [1, 2, 3]]));
    const params = { name: 'stash', arguments: { metadata } };
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
    expect(readLine(JSON.stringify(message))).toEqual({ message });
  });

  test('is read the same whatever its chunks, in the middle of characters too', () => {
    const message = { jsonrpc: '2.0', id: 1, method: 'ping', params: { text: 'é漢🙂"\\\n'.repeat(2_500) } };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40_000 }), (bytes) => {
        expect(readLine(JSON.stringify(message), bytes)).toEqual({ message });
      }),
      { numRuns: 20 },
    );
  });

  test('is a legal call with three texts of 256 KB, every character escaped', () => {
    const text = '\\u0061'.repeat(256 * 1024);
    const line = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"a":"${text}","b":"${text}","c":"${text}"}}`;
    const params = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, 'a'.repeat(256 * 1024)]));
    expect(readLine(line)).toEqual({ message: { jsonrpc: '2.0', id: 1, method: 'tools/call', params } });
  });
});

describe('a line that is none', () => {
  const tooLong = 'y'.repeat(MAX_LINE_BYTES);
  test.each([
    ['no JSON', '{"id":1', -32_700, null],
    ['an empty batch', '[]', -32_600, null],
    ['a batch of too many', `[${'1,'.repeat(100)}1]`, -32_600, null],
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
    ['too long', `{"id":"a","method":"ping","params":{"a":"${tooLong}"}}`, -32_600, 'a'],
    ['too long, its id last', `{"method":"ping","params":{"a":"\\"${tooLong}\\\\"}, "\\u0069d" : 7 }`, -32_600, 7],
    ['too long, under the last of two ids', `{"id":1,"method":"ping","params":["${tooLong}"],"id":2}`, -32_600, 2],
    ['too long, cut off', `{"id":7,"method":"ping","params":"${tooLong}`, -32_600, null],
    ['too long, with more behind it', `{"id":7,"method":"ping","params":"${tooLong}"} x`, -32_600, null],
    ['too long, with an id that is none', `{"id":{},"method":"ping","params":"${tooLong}"}`, -32_600, null],
    ['too long, for its id', `{"id":"${tooLong}","method":"ping"}`, -32_600, null],
  ])('is answered: %s', (_, line, code, id) => {
    expect(answerTo(line)).toMatchObject({ jsonrpc: '2.0', id, error: { code, data: { retryable: false } } });
  });

  test.each([
    ['a blank', '  ', null],
    ['a notification', '{"jsonrpc":"2.0","method":"notifications/x","params":1}', 'none'],
    ['an answer', '{"jsonrpc":"2.0","id":1,"result":1}', 'none'],
    ['a huge notification', `{"jsonrpc":"2.0","method":"x","params":{"a":[${'1,'.repeat(80_000)}1]}}`, 'none'],
    ['a huge answer', `{"jsonrpc":"2.0","id":1,"result":[${'1,'.repeat(80_000)}1]}`, 'none'],
    ['a notification that is too long', `{"jsonrpc":"2.0","method":"x","params":["${tooLong}"]}`, 'none'],
    ['a blank that is too long', ' '.repeat(MAX_LINE_BYTES + 1), null],
  ])('is not answered: %s', (_, line, expected) => {
    expect(answerTo(line)).toBe(expected);
  });

  test('says that it is too large, and what to do', () => {
    const { error } = answerTo(`{"id":1,"method":"ping","params":["${tooLong}"]}`) as { error: { data: object } };
    expect(error.data).toEqual({
      code: 'too_large',
      message: 'It has more than 6291456 bytes.',
      fix: 'Send texts of at most 256 KB each, and larger ones in several calls.',
      retryable: false,
    });
  });

  test('is answered as tools answer when it is a call', () => {
    const { id, result } = answerTo(`{"id":1,"method":"tools/call","params":["${tooLong}"]}`) as {
      id: number;
      result: { isError: boolean; content: { text: string }[] };
    };
    expect([id, result.isError]).toEqual([1, true]);
    expect(JSON.parse(result.content[0]?.text ?? '')).toMatchObject({ code: 'too_large', retryable: false });
  });
});

test('a line that is too long is dropped without being held, and the next one passes', () => {
  const lines: string[] = [];
  const answers: string[] = [];
  const split = createLineSplitter(
    (line) => lines.push(line.toString()),
    100,
    (begin) => dropLongLine(begin, (answer) => answers.push(answer)),
  );
  const long = `{"jsonrpc":"2.0","params":"${LONG}","method":"x","id":"mine"}`;
  for (const chunk of inChunks(`{"id":1}\n${long}\n{"id":2}\n`, 1_000)) split(chunk);
  expect(lines).toEqual(['{"id":1}\n', '{"id":2}\n']);
  expect(answers.map((answer) => JSON.parse(answer))).toMatchObject([{ id: 'mine', error: { code: -32_600 } }]);
});

test('a scan finds the same envelope as a parser, whatever is in the strings and wherever it is cut', () => {
  const fields = fc.record(
    { id: fc.jsonValue(), method: fc.string({ unit: 'binary' }), params: fc.jsonValue(), error: fc.constant(1) },
    { requiredKeys: [] },
  );
  const scan = (text: string, bytes: number) => {
    const scanned = createJsonScan();
    for (const chunk of inChunks(text, bytes)) scanBytes(scanned, chunk);
    return scanned.isWholeObject ? readEnvelope(scanned.envelope) : null;
  };
  fc.assert(
    fc.property(
      fields,
      fc.constantFrom(undefined, 1, '\t'),
      fc.integer({ min: 1, max: 50 }),
      (value, indent, bytes) => {
        const line = JSON.stringify(value, null, indent);
        const { params: _, ...expected } = JSON.parse(line);
        expect(scan(line, bytes)).toEqual(expected);
        expect(scan(line.slice(0, -1), bytes)).toBeNull();
        expect(scan(`${line}x`, bytes)).toBeNull();
      },
    ),
  );
});

test('what is refused unread is answered as if it had been read', () => {
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
  fc.assert(
    fc.property(parts, fc.boolean(), (fields, first) => {
      const written = Object.entries(fields).map(([name, value]) => `"${name === 'id2' ? 'id' : name}":${value}`);
      const all = first ? [`"params":${bomb}`, ...written] : [...written, `"params":${bomb}`];
      const line = `{${all.join()}}`;
      const [expected = 'none'] = expectAnswers(line);
      const answer = answerTo(line);
      if (expected === 'none') expect(answer).toBe('none');
      else expect(answer).toMatchObject({ id: expected === 'unnamed' ? null : JSON.parse(expected.id) });
    }),
    { numRuns: 60 },
  );
});
