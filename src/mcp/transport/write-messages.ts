import type { Writable } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';

export interface MessageWriter {
  /** Writes a message, or the answers to a batch, after those before it; resolves when the output has room for the next. Never rejects. */
  write(message: JSONRPCMessage | JSONRPCMessage[]): Promise<void>;
  /** Writes a line at once, unless the output has ended. */
  writeNow(line: string): void;
}

/** Writes messages in the order of sending: the progress of a call comes before its answer. */
export function createMessageWriter(output: Writable, onError: (error: unknown) => void): MessageWriter {
  let sending = Promise.resolve();

  async function write(message: JSONRPCMessage | JSONRPCMessage[]): Promise<void> {
    await yieldToEventLoop();
    try {
      if (output.writable && !output.write(`${JSON.stringify(message)}\n`)) await untilDrained(output);
    } catch (error) {
      onError(error);
    }
  }

  return {
    write(message) {
      sending = sending.then(() => write(message));
      return sending;
    },
    writeNow(line) {
      if (output.writable) output.write(line);
    },
  };
}

/** Resolves when the output takes more, or has ended. */
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
