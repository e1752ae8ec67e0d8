import type { Server, Socket } from 'node:net';
import { identifyFile } from '../../data-folder/identify-file.js';
import { type AnswerHook, answerHook } from '../../ipc/answer-hook.js';
import { type Bye, decodeFromClient, encodeControl, type Hello, type Report } from '../../ipc/control-protocol.js';
import { listenOnSocket } from '../../ipc/listen-on-socket.js';
import { readFirstLine } from '../../ipc/read-first-line.js';
import type { Logger } from '../../logger.js';

/** A client of any kind must say who it is within this, in ms. */
const HELLO_TIMEOUT_MS = 10_000;

export interface AcceptOptions {
  /** Where to listen; asked again when the socket is made again. */
  path: () => string;
  version: string;
  logger: Logger;
  /** A bridge with the first bytes of its client's MCP messages. */
  onBridge: (socket: Socket, hello: Hello, rest: Buffer) => void;
  /** A newer bridge or `popstash down` asks the server to end; the socket closes when it has ended. */
  onEnd: (reason: Bye['reason']) => void;
  report: () => Omit<Report, 'popstash'>;
  onHook: AnswerHook;
}

export interface ClientListener {
  /** What a client connects to now. */
  path(): string;
  /**
   * Looks after the socket's file: makes it again where it is gone; connections go on either way.
   * @returns false when the file there is not this process's
   * @throws the listening error
   */
  restore(): Promise<boolean>;
  /** Accepts no further connection, and removes the socket's file. */
  close(): void;
}

/**
 * Listens on the data folder's socket and tells clients apart by their first line. The caller owns the folder, so a
 * socket that is there belongs to a server that died.
 */
export async function acceptClients(options: AcceptOptions): Promise<ClientListener> {
  const { version, logger } = options;
  let path = options.path();
  let server = await listen();
  let identity = identifyFile(path);
  logger.info({ path, version, pid: process.pid }, 'listening');

  function listen(): Promise<Server> {
    return listenOnSocket(
      path,
      (socket) => void greet(socket, options),
      (error) => logger.error({ err: error }, 'the socket failed'),
    );
  }

  return {
    path: () => path,
    async restore() {
      // A pipe of Windows is no file.
      if (process.platform === 'win32') return true;
      const found = identifyFile(path);
      if (found === identity) return true;
      if (found !== 'none') return false;
      // Closing takes the path's file away, so it comes first. Connections outlive it.
      server.close();
      path = options.path();
      server = await listen();
      identity = identifyFile(path);
      logger.warn({ path }, "the socket's file was gone: made again");
      return true;
    },
    close: () => void server.close(),
  };
}

async function greet(socket: Socket, options: AcceptOptions): Promise<void> {
  const said = await readFirstLine(socket, { timeoutMs: HELLO_TIMEOUT_MS });
  if (said.line === null) return;
  const first = decodeFromClient(said.line);
  const report = () => encodeControl({ popstash: 'report', ...options.report() });
  switch (first?.popstash) {
    case 'report':
      socket.end(report());
      return;
    case 'stop':
      socket.write(report());
      options.onEnd('stopping');
      return;
    case 'hook':
      await answerHook(socket, first, options.onHook, options.logger);
      return;
    case 'hello':
      socket.write(encodeControl({ popstash: 'welcome', version: options.version, pid: process.pid }));
      awaitFirstMessage(socket, first, said.rest, options);
      return;
    default:
      socket.destroy();
  }
}

/** A newer bridge answers the welcome with a handover; anything else is its client speaking MCP. */
function awaitFirstMessage(socket: Socket, hello: Hello, rest: Buffer, options: AcceptOptions): void {
  const start = (bytes: Buffer): void => {
    const end = bytes.indexOf('\n');
    const control = end < 0 ? null : decodeFromClient(bytes.subarray(0, end));
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
