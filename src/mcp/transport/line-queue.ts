import type { Readable } from 'node:stream';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { createLineSplitter } from '../../ipc/split-lines.js';
import { type ReadLine, readMessage } from './read-message.js';
import { type LineReader, MAX_SHORT_LINE_BYTES, takeLongLine } from './take-long-line.js';

/** Lines that wait to be read, and their bytes: from then on the input is paused. */
const MAX_WAITING = 256;
const MAX_WAITING_BYTES = 1024 * 1024;

export interface LineQueue {
  /** @param rest bytes that were read from the input before */
  start(rest: Buffer): void;
  /** Takes in nothing more; what arrived is still read. */
  stop(): void;
  isReading(): boolean;
}

export interface LineQueueEvents {
  onLine(read: ReadLine): void;
  /** All lines that arrived are read. */
  onRead(): void;
}

/** Reads lines one after the other, and lets other work of the process run between them. */
export function createLineQueue(input: Readable, { onLine, onRead }: LineQueueEvents): LineQueue {
  const waiting: LineReader[] = [];
  let waitingBytes = 0;
  let isReading = false;
  let isPaused = false;
  let isStopped = false;

  function add(read: LineReader, bytes: number): void {
    waiting.push(read);
    waitingBytes += bytes;
    if (waiting.length >= MAX_WAITING || waitingBytes >= MAX_WAITING_BYTES) {
      isPaused = true;
      input.pause();
    }
    if (!isReading) void readAll();
  }

  async function readAll(): Promise<void> {
    isReading = true;
    for (let read = waiting.shift(); read; read = waiting.shift()) {
      await yieldToEventLoop();
      const line = read();
      if (line) onLine(line);
    }
    waitingBytes = 0;
    isReading = false;
    if (isPaused && !isStopped) input.resume();
    isPaused = false;
    onRead();
  }

  return {
    start(rest) {
      const split = createLineSplitter(
        (line) => add(() => readMessage(line.toString('utf8')), line.length),
        MAX_SHORT_LINE_BYTES,
        (begin) => takeLongLine(begin, add),
      );
      input.on('data', split);
      if (rest.length > 0) split(rest);
      input.resume();
    },
    stop() {
      isStopped = true;
      input.pause();
    },
    isReading: () => isReading,
  };
}
