import { connect, type Socket } from 'node:net';
import { AppError } from '../errors.js';
import {
  type ClientMessage,
  decodeFromServer,
  encodeControl,
  type Report,
  type ServerMessage,
  type UnknownMessage,
} from './control-protocol.js';
import { readFirstLine } from './read-first-line.js';

/** A server that accepted the connection but says nothing (stopped, or starved) is given up after this long, in ms. */
const GREETING_TIMEOUT_MS = 3_000;
/** Longer than END_MS in run-server.ts, which bounds how long a server takes to end, in ms. */
const END_TIMEOUT_MS = 30_000;

/** Something accepts connections at the server's socket, and answers none. */
export class SilentServerError extends AppError {
  constructor(path: string) {
    super({
      code: 'not_ready',
      message: `The local server at ${path} takes connections but does not answer.`,
      fix: 'Call again. If it stays so, run popstash down, which ends it in any case; the next call starts another one. Nothing that was acknowledged is lost.',
      retryable: true,
    });
  }
}

export interface ReachedServer {
  socket: Socket;
  /** The first line that the server said. */
  greeting: ServerMessage | UnknownMessage;
  /** Bytes that came behind it. */
  rest: Buffer;
}

/**
 * Connects, says `first` and waits for the answer.
 * @returns null when nobody listens there: no socket, or one that a dead server left, or a server that is ending
 * @param timeoutMs for the answer
 * @throws SilentServerError when the listener says nothing, Error when it can't be talked to
 */
export async function reachServer(
  path: string,
  first: ClientMessage,
  timeoutMs = GREETING_TIMEOUT_MS,
): Promise<ReachedServer | null> {
  const socket = connect(path);
  const reading = readFirstLine(socket, { timeoutMs });
  socket.write(encodeControl(first));
  const said = await reading;
  if (said.line === null) {
    if (said.reason === 'timeout') throw new SilentServerError(path);
    if (said.error?.code === 'EACCES' || said.error?.code === 'EPERM') throw said.error;
    return null;
  }
  const greeting = decodeFromServer(said.line);
  if (greeting) return { socket, greeting, rest: said.rest };
  socket.destroy();
  throw new Error(`what listens at ${path} is no PopStash server`);
}

/**
 * Asks a server for its report and hangs up.
 * @returns what it says: a report, unless its version knows none; null when no server listens
 * @throws Error, see reachServer
 */
export async function askServer(path: string, timeoutMs?: number): Promise<ServerMessage | UnknownMessage | null> {
  const server = await reachServer(path, { popstash: 'report' }, timeoutMs);
  server?.socket.destroy();
  return server?.greeting ?? null;
}

/**
 * Tells a server to stop and waits until it has hung up.
 * @returns its last report; null when no server listens
 * @throws Error, see reachServer
 */
export async function stopServer(path: string): Promise<Report | null> {
  const server = await reachServer(path, { popstash: 'stop' });
  if (!server) return null;
  await untilClosed(server.socket);
  return server.greeting.popstash === 'report' ? server.greeting : null;
}

/** Resolves when the other side has hung up; hangs up itself when that takes longer than any server may take to end. */
export function untilClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), END_TIMEOUT_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    socket.on('error', () => undefined);
    socket.on('close', done);
    if (socket.destroyed) done();
    // Whatever it still says is dropped.
    socket.resume();
  });
}
