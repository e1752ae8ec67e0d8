import { closeSync, mkdirSync, openSync, realpathSync, renameSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type ControlMessage, decodeControl, encodeControl } from './control-protocol.js';
import { createLineSplitter } from './split-lines.js';

/** A server that accepted the connection but says nothing (stopped, or starved) is given up after this long, in ms. */
const GREETING_TIMEOUT_MS = 10_000;
/** See END_MS in run-server.ts. */
const END_TIMEOUT_MS = 30_000;
/** A log larger than this is put aside when a server is started. */
const MAX_LOG_BYTES = 2 * 1024 * 1024;

export interface ServerLine {
  socket: Socket;
  /** The first line the server said. */
  greeting: ControlMessage;
  /** Bytes that came behind it. */
  rest: Buffer;
}

/**
 * Connects, says `first` and waits for the answer.
 * @returns null when nobody listens there (no socket, or one left behind by a server that died).
 * @throws Error when somebody listens but can't be talked to.
 */
export function reachServer(path: string, first: ControlMessage): Promise<ServerLine | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error(`the local server at ${path} does not answer`)), GREETING_TIMEOUT_MS);
    const absent = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(null);
    };
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES' || error.code === 'EPERM') fail(error);
      else absent();
    });
    // It closed before it greeted: it is just ending.
    socket.on('close', absent);
    let received: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const end = received.indexOf(0x0a);
      if (end < 0) return;
      const greeting = decodeControl(received.subarray(0, end));
      if (!greeting) {
        fail(new Error(`what listens at ${path} is no PopStash server`));
        return;
      }
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.pause();
      resolve({ socket, greeting, rest: received.subarray(end + 1) });
    };
    socket.on('data', onData);
    socket.write(encodeControl(first));
  });
}

/** Says one thing to a server and waits until it has closed the connection; for a handover and for `popstash down`. */
export async function tellServer(path: string, message: ControlMessage): Promise<ControlMessage | null> {
  const line = await reachServer(path, message);
  if (!line) return null;
  const { socket, greeting } = line;
  await untilClosed(socket);
  return greeting;
}

/** Resolves when the other side has hung up; hangs up itself when that takes longer than any server may take to end. */
export function untilClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), END_TIMEOUT_MS);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.on(
      'data',
      createLineSplitter(
        () => undefined,
        65_536,
        () => undefined,
      ),
    );
    if (socket.destroyed) {
      clearTimeout(timer);
      resolve();
    }
    socket.resume();
  });
}

/** Where the servers of a data folder log to. */
export function serverLogPath(dataDir: string): string {
  return join(dataDir, 'server.log');
}

/**
 * Starts `popstash serve` as a process of its own that outlives this one. Several may be started at once: one becomes
 * the owner of the folder, the others find it and end.
 * @param onExit is told the code of one that ended while this process lives: 0 when another one serves.
 */
export function startServer(dataDir: string, onExit: (code: number) => void): void {
  // Loaded only here: a bridge that finds a server never needs it.
  const { spawn } = process.getBuiltinModule('node:child_process');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = serverLogPath(dataDir);
  putAside(path);
  const log = openSync(path, 'a', 0o600);
  try {
    const main = realpathSync(process.argv[1] ?? '');
    // In the data folder, so that it doesn't keep the client's folder busy.
    const options = {
      cwd: dataDir,
      detached: true,
      stdio: ['ignore', log, log] as ['ignore', number, number],
      windowsHide: true,
    };
    const child = spawn(process.execPath, [main, 'serve'], options);
    child.on('error', () => onExit(-1));
    child.on('exit', (code) => onExit(code ?? -1));
    child.unref();
  } finally {
    closeSync(log);
  }
}

function putAside(path: string): void {
  try {
    if (statSync(path).size > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
  } catch {
    // None yet, or another bridge put it aside.
  }
}
