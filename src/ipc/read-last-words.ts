import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Why a process that runs in the background could not go on, as it wrote it into its log: see reportFailure. */
export interface LastWords {
  message: string;
  fix: string;
}

const WORDS = /^popstash: (.+)\n {2}(.+)$/gm;
/** Read of the log's end. */
const MAX_BYTES = 64 * 1024;

/** @param from where the log ended before the process was started, in bytes; null when it has said nothing since */
export function readLastWords(path: string, from: number): LastWords | null {
  try {
    const log = openSync(path, 'r');
    try {
      const { size } = fstatSync(log);
      const start = Math.max(from, size - MAX_BYTES);
      const bytes = Buffer.alloc(Math.max(0, size - start));
      const text = bytes.toString('utf8', 0, readSync(log, bytes, 0, bytes.length, start));
      const [, message, fix] = [...text.matchAll(WORDS)].at(-1) ?? [];
      return message === undefined || fix === undefined ? null : { message, fix };
    } finally {
      closeSync(log);
    }
  } catch {
    return null;
  }
}
