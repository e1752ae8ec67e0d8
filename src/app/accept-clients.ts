import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import {
  type Bye,
  decodeControl,
  encodeControl,
  type Hello,
  type HookRequest,
  type HookVerdict,
  type Report,
} from '../ipc/control-protocol.js';
import type { Logger } from '../logger.js';

/** A client of any kind must say who it is within this, in ms. */
const HELLO_TIMEOUT_MS = 10_000;
const MAX_HELLO_BYTES = 64 * 1024;

export interface ListenOptions {
  path: string;
  version: string;
  logger: Logger;
  onBridge: (socket: Socket, hello: Hello, rest: Buffer) => void;
  /** A newer bridge's or `popstash down`'s wish; the socket closes when it is done. */
  onEnd: (reason: Bye['reason']) => void;
  report: () => Omit<Report, 'popstash'>;
  onHook: (request: HookRequest) => Promise<HookVerdict>;
}

export interface Listener {
  /** Nobody new is let in, and the socket's file is gone. Those whose wish to end it was are told. */
  close(): void;
}

/**
 * Listens on the data folder's socket and sorts those who come by their first line. The caller owns the folder, so a
 * socket that is there belongs to a server that died.
 */
export async function listenLocally(options: ListenOptions): Promise<Listener> {
  const { path, version, logger } = options;
  const server = createServer((socket) => greet(socket, options));
  if (process.platform !== 'win32') rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  server.on('error', (error) => logger.error({ err: error }, 'the socket failed'));
  logger.info({ path, version, pid: process.pid }, 'listening');
  return { close: () => void server.close() };
}

function greet(socket: Socket, options: ListenOptions): void {
  let received: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), HELLO_TIMEOUT_MS);
  socket.on('error', () => undefined);
  socket.on('close', () => clearTimeout(timer));
  const onData = (chunk: Buffer): void => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const end = received.indexOf(0x0a);
    if (end < 0) {
      if (received.length > MAX_HELLO_BYTES) socket.destroy();
      return;
    }
    const line = received.subarray(0, end);
    const rest = received.subarray(end + 1);
    received = Buffer.alloc(0);
    socket.pause();
    socket.off('data', onData);
    clearTimeout(timer);
    sort(socket, line, rest, options);
  };
  socket.on('data', onData);
}

function sort(socket: Socket, line: Buffer, rest: Buffer, options: ListenOptions): void {
  const first = decodeControl(line);
  if (first?.popstash === 'report') {
    socket.end(encodeControl({ popstash: 'report', ...options.report() }));
  } else if (first?.popstash === 'stop') {
    socket.write(encodeControl({ popstash: 'report', ...options.report() }));
    options.onEnd('stopping');
  } else if (first?.popstash === 'hook') {
    answerHook(socket, first, options);
  } else if (first?.popstash === 'hello') {
    socket.write(encodeControl({ popstash: 'welcome', version: options.version, pid: process.pid }));
    awaitFirstMessage(socket, first, rest, options);
  } else socket.destroy();
}

/** Hung up without a verdict when there is none: what then happens is the hook's own setting. */
function answerHook(socket: Socket, request: HookRequest, { onHook, logger }: ListenOptions): void {
  onHook(request).then(
    (verdict) => socket.end(encodeControl(verdict)),
    (error: unknown) => {
      logger.warn({ err: error, event: request.event }, 'a hook could not be answered');
      socket.destroy();
    },
  );
}

/** A newer bridge answers the welcome with a handover; anything else is its client speaking MCP. */
function awaitFirstMessage(socket: Socket, hello: Hello, rest: Buffer, options: ListenOptions): void {
  const start = (bytes: Buffer): void => {
    const end = bytes.indexOf(0x0a);
    const control = end < 0 ? null : decodeControl(bytes.subarray(0, end));
    if (control?.popstash === 'handover') options.onEnd('handover');
    else options.onBridge(socket, hello, bytes);
  };
  if (rest.length > 0) {
    start(rest);
    return;
  }
  socket.once('data', (chunk: Buffer) => {
    socket.pause();
    start(chunk);
  });
  socket.resume();
}
