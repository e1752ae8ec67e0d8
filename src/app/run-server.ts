import { createCloser } from '../async/closer.js';
import { collectWhenIdle } from '../async/collect-when-idle.js';
import { chooseDataDir, type Environment } from '../config.js';
import { claimFolder } from '../data-folder/claim-folder.js';
import type { OwnedFolder } from '../data-folder/lock-folder.js';
import { countStuck } from '../data-folder/store/stuck-record.js';
import { StuckStatementError } from '../db/stuck-statement-error.js';
import { AppError } from '../errors.js';
import { ensureLauncher } from '../hooks/install/launcher/ensure-launcher.js';
import { userEnvironment } from '../hooks/install/launcher/launcher-path.js';
import type { Bye, Report } from '../ipc/control-protocol.js';
import { readOwner } from '../ipc/read-owner.js';
import { readLife } from '../ipc/read-process.js';
import { chooseSocketPath } from '../ipc/socket-path.js';
import { serverLogPath } from '../ipc/start-server.js';
import { createCallSlots } from '../mcp/server/call-slots.js';
import { findPackage } from '../package-root.js';
import { boundLog } from './bound-log.js';
import { acceptClients } from './clients/accept-clients.js';
import { createClientRegistry } from './clients/client-registry.js';
import { createIdleWatch } from './clients/watch-idle.js';
import { endAtOnce } from './end-at-once.js';
import { createLazyStorage } from './lazy-storage.js';
import { openReceiver } from './open-receiver.js';
import { watchFolder } from './watch-folder.js';

/** Calls under way get this long to be answered before the server ends, in ms. */
const DRAIN_MS = 10_000;
/** Requests of clients' telemetry that are under way get this long to be written, in ms; clients send again what was not. */
const CLOSE_RECEIVER_MS = 2_000;
/** All of ending takes no longer than this, in ms; what is acknowledged is safe in any case. */
const END_MS = 25_000;
/** A client that waits is answered `initialize` before the loading of storage takes the processor, in ms. */
const HEAD_START_MS = 60;

/**
 * The local server of a data folder, for the life of this process: takes the folder, listens at once, opens storage
 * behind that, ends when told or when nobody has been connected for the idle time.
 * @returns the exit code where it does not serve: 0 when another server already does, 3 when one owns the folder but does
 * not answer
 */
export async function runLocalServer(env: Environment): Promise<number> {
  const dataDir = chooseDataDir(env);
  const claim = await claimFolder(dataDir);
  if ('served' in claim) return 0;
  if ('blocked' in claim) {
    process.stderr.write(`popstash: ${claim.blocked}: ${JSON.stringify(readOwner(dataDir))}\n`);
    return 3;
  }
  const exit = (code: number) => endAtOnce(code !== 0);
  return await new Promise(() => {
    serveFolder({ env, dataDir, folder: claim.owned, exit }).catch((error: unknown) => {
      process.stderr.write(`${describeEnd(error)}\n`);
      exit(1);
    });
  });
}

interface OwnedServer {
  env: Environment;
  dataDir: string;
  folder: OwnedFolder;
  exit: (code: number) => void;
}

async function serveFolder({ env, dataDir, folder, exit }: OwnedServer): Promise<void> {
  const started = new Date().toISOString();
  const { version } = findPackage();
  const { createLogger } = await import('../logger.js');
  const { maskLogLine } = await import('../text/mask-log-line.js');
  const { parseConfig } = await import('../parse-config.js');
  const own = userEnvironment(env);
  const config = parseConfig({ ...own, DATABASE_URL: undefined, REDIS_URL: undefined });
  const logger = createLogger(config.logLevel === 'warn' ? 'info' : config.logLevel, 'server', maskLogLine);
  ensureLauncher(own, logger);
  const closer = createCloser(logger);
  closer.add('data folder', folder.release);

  (await import('./files/start-file-threads.js')).startFileThreads(logger);
  const { openProjectIdentities } = await import('../project/project-identities.js');
  const identities = openProjectIdentities(config, logger);
  const storage = createLazyStorage(
    async () => (await import('./open-storage.js')).openStorage(config, identities, logger, die, folder),
    logger,
  );
  closer.add('storage', storage.close, END_MS);
  const { services, isBehind } = storage;
  const clients = createClientRegistry({
    version,
    services,
    identities,
    slots: createCallSlots(),
    word: config.word,
    logger,
    onEmpty: () => idle.restart(),
  });
  let endReason: Bye['reason'] | null = null;
  closer.add('clients', () => clients.close(endReason ?? 'stopping', DRAIN_MS), END_MS);
  const { hasClients } = clients;
  const idleMs = config.idleMinutes * 60_000;
  const idle = createIdleWatch({ idleMs, hasClients, isBehind, onIdle: () => void end('stopping') });

  const listener = await acceptClients({
    path: () => chooseSocketPath(dataDir),
    version,
    logger,
    onBridge: clients.accept,
    onEnd: (reason) => void end(reason),
    onHook: async (request) => (await services()).guard.answer(request),
    report: () => ({
      ...{ version, pid: process.pid, started, agents: clients.count(), storage: storage.state() },
      problem: describeProblem(storage.problem()),
    }),
  });
  closer.add('listener', listener.close);
  const pidStart = readLife(process.pid)?.start;
  const sign = () => folder.sign({ pid: process.pid, version, socket: listener.path(), started, pidStart });
  sign();
  const watch = watchFolder({ folder, listener, onRestored: sign, onLost: die, logger });
  closer.add('watch of the folder', watch.stop);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end('stopping'));
  process.on('SIGHUP', () => undefined);
  process.on('uncaughtException', die).on('unhandledRejection', die);
  // Before storage is open: clients drop what they can't send.
  const receiver = openReceiver(config, { record: storage.record, logger });
  receiver.catch((error: unknown) => logger.warn({ err: error }, "the clients' telemetry can not be received"));
  closer.add('receiver', async () => (await receiver)?.close(), CLOSE_RECEIVER_MS);
  boundLog(serverLogPath(dataDir));
  closer.add('collector', collectWhenIdle());
  await clients.load();
  setTimeout(() => services().catch(() => undefined), HEAD_START_MS);
  idle.restart();

  async function end(reason: Bye['reason']): Promise<void> {
    if (endReason) return;
    endReason = reason;
    logger.info({ reason, agents: clients.count() }, 'ending');
    idle.stop();
    setTimeout(() => exit(1), END_MS);
    await closer.close();
    logger.info('ended');
    exit(0);
  }

  /** Acknowledged writes are safe: the bridges start a new server, which recovers. */
  function die(error: unknown): void {
    logger.fatal({ err: error }, 'the server ends: it can not go on');
    if (error instanceof StuckStatementError) countStuck(dataDir, error.message, new Date());
    exit(1);
  }
}

/** As readLastWords takes it (src/ipc/read-last-words.ts). */
function describeEnd(error: unknown): string {
  if (error instanceof AppError) return `popstash: ${error.message}\n  ${error.fix}`;
  return `popstash: the local server failed: ${error instanceof Error ? error.stack : String(error)}`;
}

function describeProblem(problem: AppError | null): Report['problem'] {
  return problem ? { message: problem.message, fix: problem.fix } : undefined;
}
