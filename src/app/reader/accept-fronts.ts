import type { Socket } from 'node:net';
import type { ReadOrder } from '../../accountability/reader/reader-types.js';
import { decodeFromClient, encodeControl } from '../../ipc/control-protocol.js';
import { isOlder } from '../../ipc/is-older.js';
import { listenOnSocket } from '../../ipc/listen-on-socket.js';
import { createLineSplitter } from '../../ipc/split-lines.js';
import type { Logger } from '../../logger.js';

/** A reader without a front ends after this long, in ms. */
const LINGER_MS = 4_000;
const MAX_LINE_BYTES = 64 * 1024;

export interface AcceptFrontsOptions {
  path: string;
  version: string;
  logger: Logger;
  onOrder(order: ReadOrder): void;
  /** Called once no front is connected any more, before the end. */
  onLastGone(): Promise<void>;
  onEnd(reason: string): void;
}

/** Listens to the fronts of a reader: each stays connected while it lives, and says what may have changed. */
export async function acceptFronts(options: AcceptFrontsOptions): Promise<{ close(): void }> {
  const { path, version, logger, onOrder, onLastGone, onEnd } = options;
  const started = new Date().toISOString();
  const fronts = new Set<Socket>();
  let timer: NodeJS.Timeout | undefined;

  function restartLinger(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void endAlone(), LINGER_MS);
  }

  async function endAlone(): Promise<void> {
    if (fronts.size > 0) return;
    await onLastGone();
    if (fronts.size === 0) onEnd('no front is connected');
  }

  async function take(line: Buffer, socket: Socket): Promise<void> {
    const message = decodeFromClient(line);
    if (message?.popstash === 'stop') {
      const agents = fronts.size;
      socket.end(encodeControl({ popstash: 'report', version, pid: process.pid, started, agents, storage: 'ready' }));
      onEnd('it was told to');
    } else if (message?.popstash === 'read-usage') {
      fronts.add(socket);
      // A newer front starts its own, once this one has gone.
      if (await isOlder(version, message.version)) onEnd('a newer version takes over');
      else if (message.order) onOrder(message.order);
    }
  }

  const server = await listenOnSocket(
    path,
    (socket) => {
      socket.on('error', () => undefined);
      socket.on(
        'data',
        createLineSplitter(
          (line) => void take(line, socket),
          MAX_LINE_BYTES,
          () => undefined,
        ),
      );
      socket.on('close', () => {
        if (fronts.delete(socket) && fronts.size === 0) restartLinger();
      });
    },
    (error) => logger.error({ err: error }, 'the socket failed'),
  );
  restartLinger();
  logger.info({ path, version, pid: process.pid }, 'listening');
  return {
    close() {
      clearTimeout(timer);
      server.close();
      for (const socket of fronts) socket.destroySoon();
    },
  };
}
