import { connect, type Socket } from 'node:net';
import type { ReadOrder } from '../../accountability/reader/reader-types.js';
import { encodeControl } from '../../ipc/control-protocol.js';
import { chooseReaderSocket, nameReader } from '../../ipc/socket-path.js';
import { startReader } from '../../ipc/start-server.js';
import type { Logger } from '../../logger.js';

/** A front links itself this long after it opened, or at its first order: one that lives shortly needs no reader. In ms. */
const LINK_AFTER_MS = 2_000;
/** Between two tries while a reader starts, and how many of them, in ms. */
const RETRY_MS = 200;
const MAX_TRIES = 50;
/** After a reader has ended without an order that waits, in ms. */
const RELINK_MS = 30_000;
/** After all tries have failed, in ms. */
const GIVEN_UP_MS = 300_000;
/** Orders that wait for a reader: more of them are one order to read everything. */
const MAX_WAITING = 20;

export interface ReaderLink {
  /** Has usage read by the reader, which is started if none runs. Returns at once; never throws. */
  order(order: ReadOrder): void;
  close(): void;
}

export interface ReaderLinkOptions {
  dataDir: string;
  /** The database, or the team's server: each has a reader of its own. */
  store: string;
  version: string;
  logger: Logger;
}

/**
 * A front's connection to the process that reads clients' files into its database: `popstash reader`, one for each data folder
 * and database, or team. It starts one where none runs, and keeps it alive by staying connected.
 */
export function linkReader({ dataDir, store, version, logger }: ReaderLinkOptions): ReaderLink {
  const name = nameReader(store);
  let waiting: ReadOrder[] = [];
  let socket: Socket | null = null;
  let isLinked = false;
  /** From the first try until one succeeds or all have failed. */
  let isTrying = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  later(LINK_AFTER_MS, begin);

  function later(ms: number, next: () => void): void {
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(next, ms).unref();
  }

  function begin(): void {
    if (isLinked || isTrying || isClosed) return;
    isTrying = true;
    attempt(MAX_TRIES);
  }

  function attempt(triesLeft: number): void {
    try {
      const linking = connect(chooseReaderSocket(dataDir, name));
      socket = linking;
      linking.unref();
      linking.on('error', () => undefined);
      linking.on('connect', onLinked);
      linking.on('close', () => onClosed(triesLeft));
      // A reader says nothing; it is read so that its end is seen.
      linking.resume();
    } catch (error) {
      giveUp(error);
    }
  }

  function onLinked(): void {
    isLinked = true;
    isTrying = false;
    say();
    for (const order of waiting) say(order);
    waiting = [];
  }

  function onClosed(triesLeft: number): void {
    socket = null;
    if (isLinked) {
      isLinked = false;
      later(waiting.length > 0 ? RETRY_MS : RELINK_MS, begin);
    } else if (triesLeft > 0) {
      if (triesLeft === MAX_TRIES) start();
      later(RETRY_MS, () => attempt(triesLeft - 1));
    } else giveUp('it does not answer');
  }

  function start(): void {
    if (isClosed) return;
    try {
      startReader(dataDir, (code) => {
        if (code !== 0) logger.warn({ code }, 'the reader of usage ended; its log, reader.log, is in the data folder');
      });
    } catch (error) {
      logger.warn({ err: error }, 'the reader of usage could not be started');
    }
  }

  function giveUp(reason: unknown): void {
    isTrying = false;
    waiting = [];
    logger.warn({ err: reason }, 'usage is not read for now: its reader can not be reached');
    later(GIVEN_UP_MS, begin);
  }

  function say(order?: ReadOrder): void {
    socket?.write(encodeControl({ popstash: 'read-usage', version, order }));
  }

  return {
    order(order) {
      if (isLinked) say(order);
      else {
        waiting = waiting.length < MAX_WAITING ? [...waiting, order] : [{}];
        begin();
      }
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket?.destroy();
    },
  };
}
