import { copyFile, stat, truncate } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { chooseDataDir, type Environment } from '../config.js';
import { claimFolder } from '../data-folder/claim-folder.js';
import { type OwnedFolder, readOwner } from '../data-folder/lock-folder.js';
import type { Bye, Hello, Report } from '../ipc/control-protocol.js';
import { serverLogPath } from '../ipc/reach-server.js';
import { chooseSocketPath } from '../ipc/socket-path.js';
import { findPackage } from '../package-root.js';
import { type Listener, listenLocally } from './accept-clients.js';
import type { Storage } from './open-storage.js';
import type { ServedClient } from './serve-client.js';

/** Calls under way get this long to be answered before the server ends, in ms. */
const DRAIN_MS = 10_000;
/** All of ending takes no longer than this, in ms; what is acknowledged is safe in any case. */
const END_MS = 25_000;
/** A client that waits is answered `initialize` before the loading of storage takes the processor, in ms. */
const HEAD_START_MS = 60;
/** Nobody is there, but passages lack vectors: looked at this often, this many times at most, before it ends anyway. */
const BEHIND_CHECK_MS = 2_000;
const BEHIND_CHECKS = 150;
const LOG_CHECK_MS = 60_000;
const MAX_LOG_BYTES = 4 * 1024 * 1024;

/**
 * The local server of a data folder, for the life of this process: takes the folder, listens at once, opens storage
 * behind that, ends when told or when nobody has been connected for the idle time.
 * @returns the exit code: 0 also when another server already serves the folder.
 */
export async function runLocalServer(env: Environment): Promise<number> {
  const dataDir = chooseDataDir(env);
  const socketPath = chooseSocketPath(dataDir);
  const claim = await claimFolder(dataDir, socketPath);
  if ('served' in claim) return 0;
  if ('blocked' in claim) {
    process.stderr.write(`popstash: ${claim.blocked}: ${JSON.stringify(readOwner(dataDir))}\n`);
    return 3;
  }
  return await new Promise((resolve) => {
    serve(env, dataDir, socketPath, claim.owned, resolve).catch((error: unknown) => {
      process.stderr.write(
        `popstash: the local server failed: ${error instanceof Error ? error.stack : String(error)}\n`,
      );
      resolve(1);
    });
  });
}

async function serve(
  env: Environment,
  dataDir: string,
  socketPath: string,
  folder: OwnedFolder,
  resolve: (code: number) => void,
): Promise<void> {
  const started = new Date().toISOString();
  const { version } = findPackage();
  const clients = new Set<ServedClient>();
  /** Bridges that came before the code to serve them was loaded. */
  const arrivals: [Socket, Hello, Buffer][] = [];
  let attach: ((socket: Socket, hello: Hello, rest: Buffer) => void) | null = null;
  let storage: Promise<Storage> | null = null;
  let storageState: Report['storage'] = 'opening';
  let listener: Listener | null = null;
  let ending = false;
  let idleTimer: NodeJS.Timeout | undefined;

  const { createLogger } = await import('../logger.js');
  const { parseConfig } = await import('../parse-config.js');
  const config = parseConfig({ ...env, DATABASE_URL: undefined, REDIS_URL: undefined });
  const logger = createLogger(config.logLevel === 'warn' ? 'info' : config.logLevel, 'server');

  listener = await listenLocally({
    path: socketPath,
    version,
    logger,
    onBridge: (socket, hello, rest) => (attach ? attach(socket, hello, rest) : arrivals.push([socket, hello, rest])),
    onEnd: (reason) => void end(reason),
    onHook: async (request) => (await services()).guard.answer(request),
    report: () => ({ version, pid: process.pid, started, agents: clients.size, storage: storageState }),
  });
  folder.sign({ pid: process.pid, version, socket: socketPath, started });
  process.on('SIGTERM', () => void end('stopping'));
  process.on('SIGINT', () => void end('stopping'));
  process.on('SIGHUP', () => undefined);
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  setInterval(() => void boundLog(serverLogPath(dataDir)), LOG_CHECK_MS).unref();

  const { serveClient } = await import('./serve-client.js');
  attach = (socket, hello, rest) => {
    clearTimeout(idleTimer);
    serveClient(socket, hello, rest, { version, services, logger, onGone }).then(
      (client) => {
        // It may have gone while it was being served.
        if (!socket.destroyed) clients.add(client);
        if (ending) void client.close('stopping');
      },
      (error: unknown) => {
        logger.error({ err: error }, 'a client could not be served');
        socket.destroy();
      },
    );
  };
  for (const arrival of arrivals) attach(...arrival);
  setTimeout(() => services().catch(() => undefined), HEAD_START_MS);
  watchIdle();

  /** Opens storage once; after a failure, the next call tries again. */
  async function services(): Promise<Storage['services']> {
    if (!storage) {
      storageState = 'opening';
      storage = import('./open-storage.js').then((module) => module.openStorage(config, logger, die));
      storage.then(
        () => {
          storageState = 'ready';
          logger.info('storage is open');
        },
        (error: unknown) => {
          storageState = 'failed';
          storage = null;
          logger.error({ err: error }, 'storage could not be opened');
        },
      );
    }
    return (await storage).services;
  }

  function onGone(client: ServedClient): void {
    clients.delete(client);
    watchIdle();
  }

  function watchIdle(checks = 0): void {
    clearTimeout(idleTimer);
    if (ending || clients.size > 0) return;
    const wait = checks === 0 ? config.idleMinutes * 60_000 : BEHIND_CHECK_MS;
    idleTimer = setTimeout(async () => {
      const behind = checks < BEHIND_CHECKS && (await storage?.then((open) => open.isBehind()).catch(() => false));
      if (clients.size > 0) return;
      if (behind) watchIdle(checks + 1);
      else void end('stopping');
    }, wait);
  }

  async function end(reason: Bye['reason']): Promise<void> {
    if (ending) return;
    ending = true;
    logger.info({ reason, agents: clients.size }, 'ending');
    clearTimeout(idleTimer);
    setTimeout(() => resolve(1), END_MS);
    listener?.close();
    const present = [...clients];
    await Promise.all(present.map((client) => client.drain(DRAIN_MS)));
    await Promise.all(present.map((client) => client.close(reason)));
    await storage
      ?.then((open) => open.close())
      .catch((error: unknown) => logger.warn({ err: error }, 'not closed cleanly'));
    folder.release();
    logger.info('ended');
    resolve(0);
  }

  /** Acknowledged writes are safe: the bridges start a new server, which recovers. */
  function die(error: unknown): void {
    logger.fatal({ err: error }, 'the server ends: it can not go on');
    resolve(1);
  }
}

/** Whoever started this process opened the log in append mode, so it can be emptied under it. */
async function boundLog(path: string): Promise<void> {
  try {
    if ((await stat(path)).size < MAX_LOG_BYTES) return;
    await copyFile(path, `${path}.1`);
    await truncate(path, 0);
  } catch {
    // Started by hand: there is no log.
  }
}
