import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions, decodeControl, encodeControl } from '../../src/ipc/control-protocol.js';
import { chooseSocketPath } from '../../src/ipc/socket-path.js';
import { createLineSplitter } from '../../src/ipc/split-lines.js';

test.each([
  ['0.1.0', '0.2.0'],
  ['0.9.0', '0.10.0'],
  ['1.0.0-rc.1', '1.0.0'],
  ['1.2.3', '2.0.0'],
])('%s is older than %s', (older, newer) => {
  expect(compareVersions(older, newer)).toBeLessThan(0);
  expect(compareVersions(newer, older)).toBeGreaterThan(0);
  expect(compareVersions(older, older)).toBe(0);
});

test('control messages are told apart from MCP', () => {
  const bye = { popstash: 'bye', reason: 'handover' } as const;
  expect(decodeControl(Buffer.from(encodeControl(bye)))).toEqual(bye);
  const mcp =
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"insight","arguments":{"content":"\\"popstash\\""}}}';
  expect(decodeControl(Buffer.from(mcp))).toBeNull();
  expect(decodeControl(Buffer.from('{"popstash":'))).toBeNull();
});

test('lines come out whole, whatever the chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 })), fc.array(fc.nat({ max: 40 })), (texts, cuts) => {
      const lines = texts.map((text) => `${text.replaceAll('\n', ' ')}\n`);
      const bytes = Buffer.from(lines.join(''));
      const got: string[] = [];
      const split = createLineSplitter(
        (line) => got.push(line.toString()),
        1_000_000,
        () => undefined,
      );
      let at = 0;
      for (const cut of cuts) {
        split(bytes.subarray(at, at + cut));
        at += cut;
      }
      split(bytes.subarray(at));
      expect(got).toEqual(lines);
    }),
  );
});

test('a line that is too long is dropped once, and the next one passes', () => {
  const got: string[] = [];
  let dropped = 0;
  const split = createLineSplitter(
    (line) => got.push(line.toString()),
    10,
    () => {
      dropped += 1;
    },
  );
  for (const chunk of ['0123456', '789012345', 'more\nsh', 'ort\n']) split(Buffer.from(chunk));
  expect([got, dropped]).toEqual([['short\n'], 1]);
});

test.skipIf(process.platform === 'win32')('a folder with a long path has its socket elsewhere, always the same', () => {
  const short = chooseSocketPath('/tmp/data');
  const long = chooseSocketPath(`/tmp/${'x'.repeat(120)}`);
  expect(short).toBe('/tmp/data/server.sock');
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(100);
  expect(chooseSocketPath(`/tmp/${'x'.repeat(120)}`)).toBe(long);
  expect(chooseSocketPath(`/tmp/${'y'.repeat(120)}`)).not.toBe(long);
});
