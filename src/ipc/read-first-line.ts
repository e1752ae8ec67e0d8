import type { Socket } from 'node:net';

export interface FirstLine {
  /** Without its newline. */
  line: Buffer;
  /** Bytes that came behind it. */
  rest: Buffer;
}

/** Why there is no first line; the socket is destroyed. */
export interface NoFirstLine {
  line: null;
  rest: null;
  reason: 'closed' | 'timeout' | 'too long';
  /** What broke the socket, if it broke. */
  error: NodeJS.ErrnoException | null;
}

export interface FirstLineLimits {
  timeoutMs: number;
  maxBytes?: number;
}

/** A control message is a few hundred bytes, a hook's list of files up to 40 KB (ask-about-files.ts). */
const MAX_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Reads the first line that the other side says. Afterwards the socket is paused and without listeners of this reader,
 * but for one that ignores errors: a socket that breaks later says so by `close`.
 */
export function readFirstLine(socket: Socket, limits: FirstLineLimits): Promise<FirstLine | NoFirstLine> {
  const { timeoutMs, maxBytes = MAX_BYTES } = limits;
  return new Promise((resolve) => {
    let received = NOTHING;
    let broken: NodeJS.ErrnoException | null = null;
    const fail = (reason: NoFirstLine['reason']): void => give({ line: null, rest: null, reason, error: broken });
    const timer = setTimeout(() => fail('timeout'), Math.max(timeoutMs, 1));
    // The socket keeps the process, if anything does.
    timer.unref();

    function give(result: FirstLine | NoFirstLine): void {
      clearTimeout(timer);
      socket.off('data', onData).off('close', onClose);
      if (result.line === null) socket.destroy();
      else socket.pause();
      resolve(result);
    }

    function onData(chunk: Buffer): void {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const end = received.indexOf(NEWLINE);
      if (end >= 0) give({ line: received.subarray(0, end), rest: received.subarray(end + 1) });
      else if (received.length > maxBytes) fail('too long');
    }

    function onClose(): void {
      fail('closed');
    }

    socket.on('error', (error: NodeJS.ErrnoException) => {
      broken = error;
    });
    socket.on('data', onData).on('close', onClose);
  });
}
