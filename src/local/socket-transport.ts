import type { Socket } from 'node:net';
import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { createLineSplitter, MAX_LINE_BYTES } from './split-lines.js';

export interface SocketTransport extends Transport {
  /** Reads nothing more and resolves when all requests read are answered, after `limitMs` at the latest. */
  drain(limitMs: number): Promise<void>;
}

/** MCP over a socket, framed as on stdio: one JSON message a line. @param rest bytes read before the transport existed */
export function createSocketTransport(socket: Socket, rest: Buffer): SocketTransport {
  const unanswered = new Set<string | number>();
  let onIdle: () => void = () => undefined;

  function settle(id: string | number | undefined): void {
    if (id !== undefined) unanswered.delete(id);
    if (unanswered.size === 0) onIdle();
  }

  function receive(line: Buffer): void {
    try {
      const message = parseLine(line);
      if (!message) return;
      if ('method' in message) {
        if ('id' in message) unanswered.add(message.id);
        // The SDK answers a cancelled request with nothing.
        else if (message.method === 'notifications/cancelled') settle(cancelledId(message));
      }
      transport.onmessage?.(message);
    } catch (error) {
      transport.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  const transport: SocketTransport = {
    start() {
      const split = createLineSplitter(receive, MAX_LINE_BYTES, () =>
        transport.onerror?.(new Error(`a message of more than ${MAX_LINE_BYTES} bytes was dropped`)),
      );
      socket.on('data', split);
      socket.on('error', (error) => transport.onerror?.(error));
      socket.on('close', () => transport.onclose?.());
      if (rest.length > 0) split(rest);
      socket.resume();
      return Promise.resolve();
    },
    send(message) {
      const id = 'id' in message && !('method' in message) ? message.id : undefined;
      return new Promise((resolve) => {
        const done = (): void => {
          settle(id);
          resolve();
        };
        if (socket.destroyed) done();
        else if (socket.write(serializeMessage(message))) done();
        else {
          socket.once('drain', done);
          socket.once('close', done);
        }
      });
    },
    close() {
      socket.destroy();
      return Promise.resolve();
    },
    drain(limitMs) {
      socket.pause();
      if (unanswered.size === 0) return Promise.resolve();
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

function parseLine(line: Buffer): JSONRPCMessage | null {
  const buffer = new ReadBuffer({ maxBufferSize: Number.POSITIVE_INFINITY });
  buffer.append(line);
  return buffer.readMessage();
}

function cancelledId(message: JSONRPCMessage): string | number | undefined {
  return 'params' in message ? (message.params as { requestId?: string | number } | undefined)?.requestId : undefined;
}
