import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFromClient, decodeFromServer, encodeControl } from '../../src/ipc/control-protocol.js';
import { isOlder } from '../../src/ipc/is-older.js';
import { readFirstLine } from '../../src/ipc/read-first-line.js';
import { chooseSocketPath } from '../../src/ipc/socket-path.js';
import { createLineSplitter } from '../../src/ipc/split-lines.js';

test.each([
  ['0.1.0', '0.2.0'],
  ['0.9.0', '0.10.0'],
  ['1.0.0-rc.1', '1.0.0'],
  ['1.0.0-beta.2', '1.0.0-beta.10'],
  ['1.2.3', '2.0.0'],
  ['not a version', '0.0.1'],
])('%s is older than %s', async (older, newer) => {
  expect(await isOlder(older, newer)).toBe(true);
  expect(await isOlder(newer, older)).toBe(false);
  expect(await isOlder(older, older)).toBe(false);
});

const line = (message: unknown) => Buffer.from(`${JSON.stringify(message)}\n`);

test('control messages are told apart from MCP', () => {
  const bye = { popstash: 'bye', reason: 'handover' } as const;
  expect(decodeFromServer(Buffer.from(encodeControl(bye)))).toEqual(bye);
  const mcp =
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"insight","arguments":{"content":"\\"popstash\\""}}}';
  expect(decodeFromServer(Buffer.from(mcp))).toBeNull();
  expect(decodeFromClient(Buffer.from('{"popstash":'))).toBeNull();
});

test('a control message is checked field by field, and may have gained some', () => {
  const hello = { popstash: 'hello', version: '1.0.0', pid: 7, bridge: 'b', cwd: '/w' };
  expect(decodeFromClient(line({ ...hello, project: 'p', later: { any: 1 } }))).toEqual({
    ...hello,
    project: 'p',
    later: { any: 1 },
  });
  for (const damaged of [
    { ...hello, pid: '7' },
    { ...hello, project: 1 },
    { ...hello, cwd: undefined },
    { ...hello, popstash: 'welcome' },
    { popstash: 'hook', version: '1', pid: 1, event: 'pre-tool-use', client: 'git', cwd: '/', files: ['a', 1] },
    { popstash: 'hook', version: '1', pid: 1, event: 'constructor', client: 'git', cwd: '/' },
    { popstash: 'constructor' },
    { popstash: 'from the future' },
  ])
    expect(decodeFromClient(line(damaged))).toEqual({ popstash: 'unknown' });
  const report = { popstash: 'report', version: '1.0.0', pid: 7, started: 'now', agents: 0, storage: 'ready' };
  expect(decodeFromServer(line(report))).toEqual(report);
  expect(decodeFromServer(line({ popstash: 'report' })), 'a question is no answer').toEqual({ popstash: 'unknown' });
});

describe('the first line of a socket', () => {
  async function connected(): Promise<{ near: Socket; far: Socket }> {
    const server = createServer().listen(0);
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const far = connect((server.address() as AddressInfo).port);
    const [near] = await accepted;
    server.close();
    far.on('error', () => undefined);
    return { near, far };
  }

  test('comes out whole, whatever the chunks, and what came behind it is kept', async () => {
    const { near, far } = await connected();
    const reading = readFirstLine(near, { timeoutMs: 60_000 });
    far.write('one');
    await once(near, 'data');
    far.write(' line\nand more');
    const said = await reading;
    expect([said.line?.toString(), said.rest?.toString()]).toEqual(['one line', 'and more']);
    far.end('\nlast');
    let after = '';
    for await (const chunk of near) after += chunk;
    expect(after).toBe('\nlast');
  });

  test.each([
    ['closed', 60_000, (far: Socket) => far.end('no newline')],
    ['timeout', 1, () => undefined],
    ['too long', 60_000, (far: Socket) => far.write('x'.repeat(11))],
  ])('is missing when the other side is %s', async (reason, timeoutMs, act) => {
    const { near, far } = await connected();
    const reading = readFirstLine(near, { timeoutMs, maxBytes: 10 });
    act(far);
    expect(await reading).toMatchObject({ line: null, reason });
    expect(near.destroyed).toBe(true);
    far.destroy();
  });
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
