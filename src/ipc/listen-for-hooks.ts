import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Logger } from '../logger.js';
import { resolveProject } from '../project/resolve-project.js';
import { decodeControl, encodeControl, type HookRequest, type HookVerdict } from './control-protocol.js';
import { chooseFrontSocket, chooseFrontsFolder } from './socket-path.js';

/** A hook says all it has to say at once. */
const SILENCE_MS = 5_000;
const MAX_REQUEST_BYTES = 64 * 1024;
const ELSEWHERE: HookVerdict = { popstash: 'verdict', decision: 'pass', elsewhere: true };

export interface HookListenerOptions {
  dataDir: string;
  /** The project that this process's agent works in: it answers for no other one, whose data may be elsewhere. */
  projectId: string;
  answer: (request: HookRequest) => Promise<HookVerdict>;
  logger: Logger;
}

export interface HookListener {
  /** Nobody new is let in, and the socket's file is gone. */
  close(): void;
}

/**
 * Server mode has no process of its own that hooks could ask, so each front answers for its project, for whichever
 * agent: the database is the same.
 */
export async function listenForHooks(options: HookListenerOptions): Promise<HookListener> {
  const { dataDir, logger } = options;
  const folder = chooseFrontsFolder(dataDir);
  const path = chooseFrontSocket(dataDir, process.pid);
  const entry = join(folder, `${process.pid}.sock`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Of a process that had this pid before.
  rmSync(entry, { force: true });
  const server = createServer((socket) => serve(socket, options));
  server.on('error', (error) => logger.warn({ err: error }, 'hooks can not reach this process'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  if (process.platform === 'win32') writeFileSync(entry, '');
  else chmodSync(path, 0o600);
  // Hooks don't keep a front alive.
  server.unref();
  return {
    close() {
      server.close();
      rmSync(entry, { force: true });
    },
  };
}

function serve(socket: Socket, options: HookListenerOptions): void {
  let received = '';
  const timer = setTimeout(() => socket.destroy(), SILENCE_MS);
  timer.unref();
  socket.unref();
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.on('close', () => clearTimeout(timer));
  socket.on('data', (text: string) => {
    received += text;
    const end = received.indexOf('\n');
    if (end < 0) {
      if (received.length > MAX_REQUEST_BYTES) socket.destroy();
      return;
    }
    clearTimeout(timer);
    socket.removeAllListeners('data');
    const request = decodeControl(Buffer.from(received.slice(0, end)));
    if (request?.popstash !== 'hook') {
      socket.destroy();
      return;
    }
    answer(request, options).then(
      (verdict) => socket.end(encodeControl(verdict)),
      (error: unknown) => {
        options.logger.warn({ err: error, event: request.event }, 'a hook could not be answered');
        socket.destroy();
      },
    );
  });
}

async function answer(request: HookRequest, options: HookListenerOptions): Promise<HookVerdict> {
  const { id } = resolveProject(request.cwd, request.project);
  return id === options.projectId ? await options.answer(request) : ELSEWHERE;
}
