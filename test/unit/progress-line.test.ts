import { expect, test } from 'vitest';
import { createProgressLine } from '../../src/cli/output/progress-line.js';

function createStream(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  return { written, isTTY, ...(columns !== undefined && { columns }), write: (text: string) => written.push(text) };
}

test('a terminal has one line that is written over and cleared', () => {
  const stream = createStream(true, 20);
  const line = createProgressLine(stream);
  line.update('1 of 10 files');
  line.update('2 of 10 files, 1.5 of 20.1 MB');
  line.end();
  expect(stream.written).toEqual(['\r\u001b[K1 of 10 files', '\r\u001b[K2 of 10 files, 1.5…', '\r\u001b[K']);
  createProgressLine(stream).end();
  expect(stream.written).toHaveLength(3);
});

test('a log has a line every five seconds, and none from work that is done sooner', () => {
  const stream = createStream(false);
  let now = 0;
  const line = createProgressLine(stream, () => now);
  for (; now < 12_000; now += 500) line.update(`at ${now}`);
  line.end();
  expect(stream.written).toEqual(['at 5000\n', 'at 10000\n']);
});
