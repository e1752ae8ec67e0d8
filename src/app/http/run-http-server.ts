import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { createCloser } from '../../async/closer.js';
import type { Config, Environment } from '../../config.js';
import { openSignals } from '../../db/open-signals.js';
import { createListeningConnect } from '../../db/server/connect-listening.js';
import { AppError } from '../../errors.js';
import { wordForOthers } from '../../hooks/install/launcher/command-here.js';
import { createAuthenticator, listRefusedMembers } from '../../http/access/authenticate.js';
import { LOOPBACK_NAMES } from '../../http/access/check-request.js';
import { createRateLimit } from '../../http/access/limit-rate.js';
import { createTokenRepository } from '../../http/access/token-repository.js';
import { createHttpApp } from '../../http/http-app.js';
import { listen } from '../../http/listen.js';
import type { HttpListener } from '../../http/serve-app.js';
import { createSessionRegistry } from '../../http/sessions/session-registry.js';
import { createHttpSessionRepository } from '../../http/sessions/session-repository.js';
import { createSeats } from '../../http/stateless/seats.js';
import { createLogger } from '../../logger.js';
import { createCallSlots } from '../../mcp/server/call-slots.js';
import { parseConfig } from '../../parse-config.js';
import { openProjectIdentities } from '../../project/project-identities.js';
import { createTelemetry } from '../../telemetry/create-telemetry.js';
import { maskLogLine } from '../../text/mask-log-line.js';
import { openServerDomain } from '../open-server-domain.js';
import { createLazyReports } from '../storage/lazy-reports.js';
import { openServerDatabase } from '../storage/open-server-database.js';
import { readNoFiles } from './read-no-files.js';

/** Finishing what is under way may take this long, in ms. */
const CLOSE_MS = 3_000;
/** A process that has not ended by itself this long after a signal, in ms, is ended. */
const END_MS = 9_000;
/** Statements of all agents at once, beyond which calls wait for their turn: twice the connections keeps each of these busy. */
const CALLS_A_CONNECTION = 2;
/** Requests a second without a valid token, from one address. */
const STRANGERS_PER_SECOND = 5;

/**
 * `popstash serve --http`: serves agents, hooks and guards of a team on one address, until SIGTERM or SIGINT. It reads no file
 * of theirs: what only their machines can tell, their bridges tell.
 * @param onListening is told where
 * @throws AppError for settings that would not be safe, and an address that is taken
 */
export async function runHttpServer(env: Environment, onListening: (url: string) => void): Promise<void> {
  const config = { ...parseConfig(env), word: wordForOthers };
  requireDatabase(config);
  const logger = createLogger(env.POPSTASH_LOG_LEVEL ? config.logLevel : 'info', 'http', maskLogLine);
  readNoFiles();
  const closer = createCloser(logger);
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  });
  // One agent's error is not another's.
  process.on('uncaughtException', (error) => logger.error({ err: error }, 'an error that nobody handled'));
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'a rejection that nobody handled'));
  try {
    const { port } = await open(config, logger, closer);
    const { host, cert } = config.http;
    onListening(config.http.url ?? `${cert ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`);
    await stopped;
    setTimeout(() => process.exit(0), END_MS).unref();
  } finally {
    await closer.close();
  }
}

async function open(
  config: Config,
  logger: ReturnType<typeof createLogger>,
  closer: ReturnType<typeof createCloser>,
): Promise<HttpListener> {
  const { http, version } = config;
  const connect = createListeningConnect(config.databaseUrl ?? '', 'popstash-http-signals');
  const signals = openSignals({ connect, logger });
  closer.add('signals', signals.close, CLOSE_MS);
  const telemetry = await createTelemetry(config, logger, 'long');
  closer.add('telemetry', telemetry.close);
  const database = await openServerDatabase(config, logger, closer, { name: 'http', closeMs: CLOSE_MS, telemetry });
  const { services, recordUsage } = await openServerDomain(config, logger, closer, {
    ...database,
    telemetry,
    signals,
    identities: openProjectIdentities(config, logger),
    reports: createLazyReports(database.pool, closer),
    orderReading: () => undefined,
    closeMs: CLOSE_MS,
  });
  const verifyJwt = http.oidc && (await import('../../http/access/verify-jwt.js')).createJwtVerifier(http.oidc, logger);
  const tokens = createTokenRepository(database.pool);
  const authenticator = createAuthenticator(tokens, verifyJwt);
  signals.on('tokens', authenticator.forget);
  const agents = {
    version,
    services,
    slots: createCallSlots({ maxRunning: CALLS_A_CONNECTION * config.poolSize }),
    word: config.word,
    acrossWorktrees: config.worktrees ?? 'deny',
    idleMs: http.idleSeconds * 1_000,
    repository: createHttpSessionRepository(
      database.pool,
      `${hostname()} ${process.pid} ${randomBytes(4).toString('hex')}`,
    ),
    live: new Map(),
    logger,
  };
  const sessions = createSessionRegistry({
    ...agents,
    listRefused: (memberIds) => listRefusedMembers(tokens, memberIds),
  });
  const seats = createSeats(agents);
  closer.add('sessions', () => {
    sessions.close();
    seats.close();
  });
  const app = createHttpApp({
    authenticator,
    limits: { member: createRateLimit(http.requestsPerSecond), stranger: createRateLimit(STRANGERS_PER_SECOND) },
    sessions,
    seats,
    services,
    recordUsage,
    hostNames: [...LOOPBACK_NAMES, ...http.allowedHosts, ...(http.url ? [new URL(http.url).hostname] : [])],
    url: http.url,
    issuer: http.oidc?.issuer ?? null,
    logger,
  });
  const listener = await listen(app, http);
  closer.add('listener', listener.close);
  return listener;
}

function requireDatabase({ databaseUrl }: Config): void {
  if (databaseUrl) return;
  throw new AppError({
    code: 'invalid_argument',
    message: "DATABASE_URL is not set: a team's server keeps its data in PostgreSQL.",
    fix: 'Set DATABASE_URL, and REDIS_URL when jobs are on Redis; docs/teams.md shows the five steps.',
  });
}
