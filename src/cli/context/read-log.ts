import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeFolderFault } from '../../ipc/make-data-folder.js';

/** Between two looks at a log, in ms. */
const LOOK_MS = 250;
/** Of a log that grows faster than it is read: the rest comes with the next look. */
const MAX_CHUNK_BYTES = 8 * 1024 * 1024;

export interface ReadLog {
  lines: string[];
  /** Where it ended, in bytes. */
  end: number;
}

/**
 * A log with the part that was put aside before it.
 * @returns null where there is none
 * @throws AppError for one that can't be read
 */
export function readLog(path: string): ReadLog | null {
  const log = readFrom(path, 0);
  if (log === null) return null;
  return { lines: [...(readFrom(`${path}.1`, 0)?.lines ?? []), ...log.lines], end: log.end };
}

/** What is added to a log, until the signal. One that was emptied, or begun again, is read from its beginning. */
export async function* followLog(path: string, from: number, signal: AbortSignal): AsyncGenerator<string[]> {
  let end = from;
  for (;;) {
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const log = readFrom(path, end);
    end = log?.end ?? 0;
    if (log && log.lines.length > 0) yield log.lines;
  }
}

/** Whole lines from a place on; a line that is being written is left for the next time. */
function readFrom(path: string, from: number): ReadLog | null {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    const start = size < from ? 0 : from;
    const bytes = Buffer.alloc(Math.min(size - start, MAX_CHUNK_BYTES));
    const read = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start));
    const whole = read.subarray(0, read.lastIndexOf('\n') + 1);
    const lines = whole.length === 0 ? [] : whole.toString('utf8', 0, whole.length - 1).split('\n');
    return { lines, end: start + whole.length };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw describeFolderFault(dirname(path), error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
