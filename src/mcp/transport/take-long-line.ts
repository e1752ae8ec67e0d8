import { StringDecoder } from 'node:string_decoder';
import type { LongLine } from '../../ipc/split-lines.js';
import { MAX_LINE_BYTES, TOO_LONG } from './drop-long-line.js';
import { type ReadLine, readMessage } from './read-message.js';
import { type Refusal, refuseScanned } from './refuse-line.js';
import { createJsonScan, scanBytes } from './scan-json.js';

/** A longer line is scanned while it arrives. */
export const MAX_SHORT_LINE_BYTES = 16 * 1024;

/**
 * More values than any tool takes: 64 KB of metadata hold fewer. Parsing takes 100 times longer for many small values
 * than for a few long ones, and would keep other clients of the process waiting.
 */
const MAX_VALUES = 70_000;
const MAX_OUTER_VALUES = 500;

const TOO_MANY_VALUES: Refusal = {
  number: -32_600,
  code: 'too_large',
  message: `It has more than ${MAX_VALUES} values, or ${MAX_OUTER_VALUES} where a few belong.`,
  fix: 'Send fewer values, and shallower ones.',
};

/** Reads the line once it has arrived; null for a blank one. */
export type LineReader = () => ReadLine | null;

/**
 * Takes in a line longer than MAX_SHORT_LINE_BYTES: decodes and scans it while it arrives, and drops what it holds as
 * soon as the line has to be refused. The refusal still waits for the end of the line, to know the message's id.
 * @param begin the bytes so far
 * @param onEnd is given a reader of the whole line, and the bytes that it holds
 */
export function takeLongLine(begin: Buffer, onEnd: (read: LineReader, heldBytes: number) => void): LongLine {
  const scan = createJsonScan();
  const decoder = new StringDecoder('utf8');
  let text = '';
  let length = 0;
  let refusal: Refusal | null = null;

  function take(bytes: Buffer): void {
    scanBytes(scan, bytes);
    length += bytes.length;
    if (length > MAX_LINE_BYTES) refusal = TOO_LONG;
    else if (scan.values > MAX_VALUES || scan.outerValues > MAX_OUTER_VALUES) refusal ??= TOO_MANY_VALUES;
    text = refusal === null ? text + decoder.write(bytes) : '';
  }

  take(begin);
  return {
    take,
    end() {
      const why = refusal;
      if (why !== null) onEnd(() => refuseScanned(scan, why), 0);
      else onEnd(() => readMessage(text + decoder.end()), length);
    },
  };
}
