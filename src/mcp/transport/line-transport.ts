import type { Readable, Writable } from 'node:stream';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import { withTimeout } from '../../async/with-timeout.js';
import { cancelledId } from './cancellation.js';
import { INPUT_ENDED } from './input-ended.js';
import { createLineQueue } from './line-queue.js';
import { createOwedAnswers } from './owed-answers.js';
import type { ReadLine, ReadSingle } from './read-message.js';
import { refuseRevision } from './refuse-revision.js';
import { createMessageWriter } from './write-messages.js';

/** Requests that need none of the SDK's layers. */
export interface DirectCalls {
  /** Answers a message, if it is such a request. */
  take(message: JSONRPCMessage): boolean;
  /** The client has cancelled one of them. */
  cancel(id: string | number): void;
}

export interface LineTransport extends Transport {
  /** What the answer to `initialize` agreed on; undefined before. */
  protocolVersion?: string;
  /** The client has cancelled this request, which may be answered already. */
  oncancelled?: (id: string | number) => void;
  /** Asked first about each message. */
  direct?: DirectCalls;
  /** The client has opened a stream of changes. */
  onstream?: () => void;
  /** Whether it has one open. */
  hasStreams(): boolean;
  /** When the client may have sent a request that is not answered yet, by performance.now(). */
  sentAt(id: string | number): number | undefined;
  /** Aborted when the client sends nothing more: calls that wait for locks are answered then. */
  inputEnded: AbortSignal;
  /** The input has ended, and its last line is in the queue. */
  oninputend?: () => void;
  /** Whether requests are held back for now, unread. */
  hold(isHeld: boolean): void;
  /** Reads nothing more and resolves when all requests read are answered, after `limitMs` at the latest. */
  drain(limitMs: number): Promise<void>;
}

/**
 * MCP over a pair of streams, framed as on stdio: one JSON message a line. Unlike the SDK's own, it answers lines that it
 * can't read, and many lines, or long ones, do not keep other clients of this process waiting.
 * @param rest bytes read before the transport existed
 */
export function createLineTransport(input: Readable, output: Writable, rest: Buffer = Buffer.alloc(0)): LineTransport {
  const owed = createOwedAnswers();
  let onIdle: () => void = () => undefined;
  const inputEnd = new AbortController();
  const queue = createLineQueue(input, { onLine: deliver, onRead: checkIdle, onEnd });
  const writer = createMessageWriter(output, report);

  function onEnd(): void {
    inputEnd.abort();
    transport.oninputend?.();
  }

  function isIdle(): boolean {
    return owed.isEmpty() && !queue.isReading();
  }

  function checkIdle(): void {
    if (isIdle()) onIdle();
  }

  function cancel(id: string | number): void {
    const others = owed.drop(id);
    if (others) void writer.write(others);
    checkIdle();
    transport.direct?.cancel(id);
    transport.oncancelled?.(id);
  }

  function deliver(read: ReadLine, sentAt: number): void {
    if ('batch' in read) {
      const refusals = owed.noteBatch(read.batch);
      if (refusals) void writer.write(refusals);
      for (const one of read.batch) deliverOne(one, sentAt);
      return;
    }
    if ('refused' in read && read.answer !== null) writer.writeNow(read.answer);
    deliverOne(read, sentAt);
  }

  function deliverOne(read: ReadSingle, sentAt: number): void {
    if ('refused' in read) {
      transport.onerror?.(new Error(read.refused));
      return;
    }
    const { message } = read;
    try {
      const streams = owed.streams();
      owed.note(message, sentAt);
      if (owed.streams() > streams) transport.onstream?.();
      const cancelled = cancelledId(message);
      // The SDK sends no answer to a cancelled request.
      if (cancelled !== undefined) cancel(cancelled);
      const refused = refuseRevision(message);
      if (refused) void transport.send(refused);
      else if ('method' in message && message.method === INPUT_ENDED) inputEnd.abort();
      else if (!transport.direct?.take(message)) transport.onmessage?.(message);
    } catch (error) {
      report(error);
    }
  }

  function report(error: unknown): void {
    transport.onerror?.(error instanceof Error ? error : new Error(String(error)));
  }

  const transport: LineTransport = {
    start() {
      input.on('error', report);
      queue.start(rest);
      return Promise.resolve();
    },
    async send(message) {
      if (transport.protocolVersion === undefined && 'result' in message) {
        const { protocolVersion } = message.result;
        if (typeof protocolVersion === 'string') transport.protocolVersion = protocolVersion;
      }
      const line = owed.collect(message);
      if (line) await writer.write(line);
      owed.written(message);
      checkIdle();
    },
    close() {
      input.destroy();
      return Promise.resolve();
    },
    inputEnded: inputEnd.signal,
    sentAt: owed.sentAt,
    hasStreams: () => owed.streams() > 0,
    hold: queue.hold,
    drain(limitMs) {
      queue.stop();
      if (isIdle()) return Promise.resolve();
      const idle = new Promise<void>((resolve) => {
        onIdle = resolve;
      });
      return withTimeout(idle, limitMs).catch(() => undefined);
    },
  };
  return transport;
}
