import type { LongLine } from '../../ipc/split-lines.js';
import { type Refusal, refuseScanned } from './refuse-line.js';
import { createJsonScan, scanBytes } from './scan-json.js';

/**
 * The longest line that a client may send. A legal call with three texts of 256 KB, every character of them escaped as
 * `\u0061`, has 4.6 MB. Parsing 6 MB of text takes less than 50 ms.
 */
export const MAX_LINE_BYTES = 6 * 1024 * 1024;

export const TOO_LONG: Refusal = {
  number: -32_600,
  code: 'too_large',
  message: `It has more than ${MAX_LINE_BYTES} bytes.`,
  fix: 'Send texts of at most 256 KB each, and larger ones in several calls.',
};

/**
 * Drops a line that is longer than MAX_LINE_BYTES.
 * @param begin the bytes so far
 * @param onEnd is given the line that answers it, with its own id; not called when none is owed
 */
export function dropLongLine(begin: Buffer, onEnd: (answer: string) => void): LongLine {
  const scan = createJsonScan();
  scanBytes(scan, begin);
  return {
    take: (bytes) => scanBytes(scan, bytes),
    end() {
      const refused = refuseScanned(scan, TOO_LONG);
      if (refused !== null && refused.answer !== null) onEnd(refused.answer);
    },
  };
}
