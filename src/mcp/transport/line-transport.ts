import type { Readable, Writable } from 'node:stream';
import { serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { createLineSplitter, MAX_LINE_BYTES, TOO_LONG } from '../../ipc/split-lines.js';
import { type ReadLine, readMessage } from './read-message.js';

export interface LineTransport extends Transport {
  /** Reads nothing more and resolves when all requests read are answered, after `limitMs` at the latest. */
  drain(limitMs: number): Promise<void>;
}

/** Lines that wait to be read, and their bytes: then nothing more is taken in. */
const MAX_WAITING = 256;
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * MCP over a pair of streams, framed as on stdio: one JSON message a line. Unlike the SDK's own, it answers lines that it
 * can't read, and many lines, or long ones, do not keep other clients of this process waiting.
 * @param rest bytes read before the transport existed
 */
export function createLineTransport(input: Readable, output: Writable, rest: Buffer = Buffer.alloc(0)): LineTransport {
  const unanswered = new Set<string | number>();
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  let sending = Promise.resolve();
  let isReading = false;
  let isPaused = false;
  let isDraining = false;
  let onIdle: () => void = () => undefined;

  function settle(id: string | number | undefined): void {
    if (id !== undefined) unanswered.delete(id);
    if (unanswered.size === 0 && !isReading) onIdle();
  }

  function take(line: Buffer): void {
    waiting.push(line);
    waitingBytes += line.length;
    if (waiting.length >= MAX_WAITING || waitingBytes >= MAX_WAITING_BYTES) {
      isPaused = true;
      input.pause();
    }
    if (!isReading) void readAll();
  }

  async function readAll(): Promise<void> {
    isReading = true;
    for (let at = 0; at < waiting.length; at += 1) {
      await yieldToEventLoop();
      const read = readMessage(waiting[at] ?? Buffer.alloc(0));
      deliver(read instanceof Promise ? await read : read);
    }
    waiting.length = 0;
    waitingBytes = 0;
    isReading = false;
    if (isPaused && !isDraining) input.resume();
    isPaused = false;
    settle(undefined);
  }

  function deliver(read: ReadLine | null): void {
    if (read === null) return;
    if ('refused' in read) {
      if (read.answer !== null && output.writable) output.write(read.answer);
      transport.onerror?.(new Error(read.refused));
      return;
    }
    const { message } = read;
    try {
      if ('method' in message) {
        if ('id' in message) unanswered.add(message.id);
        // The SDK answers a cancelled request with nothing.
        else if (message.method === 'notifications/cancelled') settle(cancelledId(message));
      }
      transport.onmessage?.(message);
    } catch (error) {
      report(error);
    }
  }

  function report(error: unknown): void {
    transport.onerror?.(error instanceof Error ? error : new Error(String(error)));
  }

  async function write(message: JSONRPCMessage): Promise<void> {
    await yieldToEventLoop();
    try {
      if (output.writable && !output.write(serializeMessage(message))) await untilDrained(output);
    } catch (error) {
      report(error);
    }
    settle('id' in message && !('method' in message) ? message.id : undefined);
  }

  const transport: LineTransport = {
    start() {
      const split = createLineSplitter(take, MAX_LINE_BYTES, () => output.write(TOO_LONG));
      input.on('data', split);
      input.on('error', report);
      if (rest.length > 0) split(rest);
      input.resume();
      return Promise.resolve();
    },
    send(message) {
      // One after the other: what is said of a call's progress comes before its answer.
      sending = sending.then(() => write(message));
      return sending;
    },
    close() {
      input.destroy();
      return Promise.resolve();
    },
    drain(limitMs) {
      isDraining = true;
      input.pause();
      if (unanswered.size === 0 && !isReading) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
  };
  return transport;
}

function untilDrained(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      output.off('drain', done);
      output.off('close', done);
      resolve();
    };
    output.on('drain', done);
    output.on('close', done);
  });
}

function cancelledId(message: JSONRPCMessage): string | number | undefined {
  return 'params' in message ? (message.params as { requestId?: string | number } | undefined)?.requestId : undefined;
}
