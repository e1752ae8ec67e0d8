import type { Readable, Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { withTimeout } from '../../async/with-timeout.js';
import { createLineQueue } from './line-queue.js';
import type { ReadLine } from './read-message.js';
import { createMessageWriter } from './write-messages.js';

export interface LineTransport extends Transport {
  /** What the answer to `initialize` agreed on; undefined before. */
  protocolVersion?: string;
  /** The client has cancelled this request, which may be answered already. */
  oncancelled?: (id: string | number) => void;
  /** When the client may have sent a request that is not answered yet, by performance.now(). */
  sentAt(id: string | number): number | undefined;
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
  /** Each with the time when it may have been sent. */
  const unanswered = new Map<string | number, number>();
  let onIdle: () => void = () => undefined;
  const queue = createLineQueue(input, { onLine: deliver, onRead: checkIdle });
  const writer = createMessageWriter(output, report);

  function checkIdle(): void {
    if (unanswered.size === 0 && !queue.isReading()) onIdle();
  }

  function forget(id: string | number | undefined): void {
    if (id !== undefined) unanswered.delete(id);
    checkIdle();
  }

  function cancel(id: string | number | undefined): void {
    forget(id);
    if (id !== undefined) transport.oncancelled?.(id);
  }

  function deliver(read: ReadLine, sentAt: number): void {
    if ('refused' in read) {
      if (read.answer !== null) writer.writeNow(read.answer);
      transport.onerror?.(new Error(read.refused));
      return;
    }
    const { message } = read;
    try {
      if ('method' in message) {
        if ('id' in message) unanswered.set(message.id, sentAt);
        // The SDK sends no answer to a cancelled request.
        else if (message.method === 'notifications/cancelled') cancel(cancelledId(message));
      }
      transport.onmessage?.(message);
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
      await writer.write(message);
      forget('id' in message && !('method' in message) ? message.id : undefined);
    },
    close() {
      input.destroy();
      return Promise.resolve();
    },
    sentAt: (id) => unanswered.get(id),
    hold: queue.hold,
    drain(limitMs) {
      queue.stop();
      if (unanswered.size === 0 && !queue.isReading()) return Promise.resolve();
      const idle = new Promise<void>((resolve) => {
        onIdle = resolve;
      });
      return withTimeout(idle, limitMs).catch(() => undefined);
    },
  };
  return transport;
}

function cancelledId(message: JSONRPCMessage): string | number | undefined {
  return 'params' in message ? (message.params as { requestId?: string | number } | undefined)?.requestId : undefined;
}
