import type { Readable } from 'node:stream';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { createLineSplitter } from '../../ipc/split-lines.js';
import { cancelledId, isCancellation } from './cancellation.js';
import { type ReadLine, readMessage } from './read-message.js';
import { type LineReader, MAX_SHORT_LINE_BYTES, takeLongLine } from './take-long-line.js';

/** Lines that wait to be read, and their bytes: from then on the input is paused. */
const MAX_WAITING = 256;
const MAX_WAITING_BYTES = 1024 * 1024;
/** Node reads so much of a socket or pipe at once, in bytes: less means that there was no more. */
const CHUNK_BYTES = 64 * 1024;

export interface LineQueue {
  /** @param rest bytes that were read from the input before */
  start(rest: Buffer): void;
  /** Takes in nothing more; what arrived is still read. */
  stop(): void;
  isReading(): boolean;
  /** Delivers no further line, and reads nothing more, until it is called with false. */
  hold(isHeld: boolean): void;
}

export interface LineQueueEvents {
  /** @param sentAt when it may have been sent, by performance.now(): before now if the input was paused meanwhile */
  onLine(read: ReadLine, sentAt: number): void;
  /** All lines that arrived are read. */
  onRead(): void;
  /** The input has ended; its last line is in the queue. */
  onEnd?(): void;
}

interface Waiting {
  /** Reads the line, once. */
  read: LineReader;
  sentAt: number;
}

/** Reads lines one after the other, and lets other work of the process run between them. */
export function createLineQueue(input: Readable, { onLine, onRead, onEnd }: LineQueueEvents): LineQueue {
  const waiting: Waiting[] = [];
  let waitingBytes = 0;
  let isReading = false;
  let isPaused = false;
  let isStopped = false;
  let release: (() => void) | undefined;
  let released = Promise.resolve();
  /** What is read next may have been sent at this time; null for just now. */
  let unreadSince: number | null = null;
  let sentAt = 0;

  function pause(): void {
    isPaused = true;
    unreadSince ??= performance.now();
    input.pause();
  }

  function resume(): void {
    if (isPaused && !isStopped && !release) input.resume();
    if (!release) isPaused = false;
  }

  function add(read: LineReader, bytes: number): void {
    waiting.push({ read, sentAt });
    waitingBytes += bytes;
    if (waiting.length >= MAX_WAITING || waitingBytes >= MAX_WAITING_BYTES) pause();
    if (!isReading) void readAll();
  }

  /** A request that is cancelled before it was delivered is not carried out: it leaves the queue, and gets no answer. */
  function addShort(line: Buffer): void {
    if (isCancellation(line)) {
      const read = readMessage(line.toString('utf8'));
      const id = read && 'message' in read ? cancelledId(read.message) : undefined;
      const at = id === undefined ? -1 : waiting.findLastIndex((one) => isRequest(readEarly(one), id));
      if (at >= 0) return void waiting.splice(at, 1);
    }
    add(() => readMessage(line.toString('utf8')), line.length);
  }

  async function readAll(): Promise<void> {
    isReading = true;
    for (;;) {
      await released;
      const next = waiting.shift();
      if (!next) break;
      await yieldToEventLoop();
      const line = next.read();
      if (line) onLine(line, next.sentAt);
    }
    waitingBytes = 0;
    isReading = false;
    resume();
    onRead();
  }

  return {
    start(rest) {
      const split = createLineSplitter(addShort, MAX_SHORT_LINE_BYTES, (begin) => takeLongLine(begin, add));
      const take = (chunk: Buffer): void => {
        sentAt = unreadSince ?? performance.now();
        if (chunk.length < CHUNK_BYTES) unreadSince = null;
        split(chunk);
      };
      input.on('data', take);
      input.once('end', () => {
        split.end();
        onEnd?.();
      });
      if (rest.length > 0) take(rest);
      input.resume();
    },
    stop() {
      isStopped = true;
      input.pause();
    },
    isReading: () => isReading,
    hold(isHeld) {
      if (isHeld === (release !== undefined)) return;
      if (isHeld) {
        released = new Promise((resolve) => {
          release = resolve;
        });
        pause();
        return;
      }
      release?.();
      release = undefined;
      if (!isReading) resume();
    },
  };
}

/** Reads a line that is still in the queue. */
function readEarly(one: Waiting): ReadLine | null {
  const line = one.read();
  one.read = () => line;
  return line;
}

function isRequest(line: ReadLine | null, id: string | number): boolean {
  return (
    line !== null && 'message' in line && 'method' in line.message && 'id' in line.message && line.message.id === id
  );
}
