import { readClientSession } from '../accountability/clients/call-ids.js';
import { readClientFolder } from '../accountability/clients/client-folder.js';
import type { Environment } from '../config.js';
import { ensureLauncher } from '../hooks/install/launcher/ensure-launcher.js';
import { findTerminal } from '../ipc/find-terminal.js';
import { createLogger } from '../logger.js';
import { createCallSlots } from '../mcp/server/call-slots.js';
import { openConnection } from '../mcp/server/open-connection.js';
import { serveLines } from '../mcp/server/serve-lines.js';
import { createLineTransport } from '../mcp/transport/line-transport.js';
import { parseConfig } from '../parse-config.js';
import { openProjectIdentities } from '../project/project-identities.js';
import { newId } from '../text/ids.js';
import { maskLogLine } from '../text/mask-log-line.js';
import { startFileThreads } from './files/start-file-threads.js';
import type { Front } from './open-front.js';

/** A parent that died without closing the pipe (another process holds it) is missed within this, in ms. */
const PARENT_CHECK_MS = 1_000;
/** When the client sends nothing more, answers that it is owed are awaited this long, in ms: each call has a deadline of its own. */
const LAST_ANSWERS_MS = 60_000;
/** Longest time that ending may take, in ms: the client that closed the pipe is gone and waits for nothing. */
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * `popstash mcp` in server mode: the MCP front process itself, on stdio. It writes and enqueues; it holds no model.
 * Ends with its client: on the end of stdin, a broken stdout, SIGTERM, SIGINT, or when its parent is gone.
 */
export async function runFront(env: Environment): Promise<void> {
  const config = parseConfig(env);
  const logger = createLogger(config.logLevel, 'front', maskLogLine);
  ensureLauncher(env, logger);
  const origin = {
    cwd: process.cwd(),
    project: config.project,
    clientFolder: readClientFolder(env),
    acrossWorktrees: config.worktrees,
  };
  startFileThreads(logger);
  const identities = openProjectIdentities(config, logger);
  const agentId = newId('agent_');
  let front: Promise<Front> | undefined;
  /** The database driver, the queues and the domain are loaded after `initialize` has been answered. */
  const open = async (): Promise<Front> => {
    front ??= import('./open-front.js').then(async ({ openFront }) => {
      const workplace = await identities.resolve(origin.cwd, origin.project);
      return await openFront(config, agentId, { identities, workplace }, logger);
    });
    try {
      return await front;
    } catch (error) {
      // The next call tries again.
      front = undefined;
      throw error;
    }
  };
  const transport = createLineTransport(process.stdin, process.stdout);
  const connection = openConnection({
    version: config.version,
    mode: 'server',
    agentId,
    connectionKey: agentId,
    origin,
    identities,
    pid: process.pid,
    terminal: findTerminal(env),
    clientSession: readClientSession(env),
    services: async () => (await open()).services,
    slots: createCallSlots(),
    word: config.word,
    transport,
    logger,
  });

  let ending = false;
  const end = (reason: string): void => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(0), CLOSE_TIMEOUT_MS).unref();
    connection
      .close(reason)
      .then(async () => (await front)?.close())
      .catch((error: unknown) => logger.warn({ err: error }, 'the front did not end cleanly'))
      .finally(() => process.exit(0));
  };
  transport.oninputend = () => void transport.drain(LAST_ANSWERS_MS).then(() => end('stdin ended'));
  process.stdin.on('error', () => end('stdin broke'));
  process.stdout.on('error', () => end('stdout broke'));
  // An agent's connection outlives an error that a library throws from the background; a call has its own answer.
  process.on('uncaughtException', (error) => logger.error({ err: error }, 'an error that nobody handled'));
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'a rejection that nobody handled'));
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  process.on('SIGHUP', () => end('SIGHUP'));
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && end('its parent ended'), PARENT_CHECK_MS).unref();

  serveLines(connection, transport, (error) => logger.debug({ err: error }, 'protocol error'));
}
