import { type Closer, openTogether } from '../async/closer.js';
import type { Config } from '../config.js';
import { createDashboardApp } from '../dashboard/dashboard-app.js';
import { AppError } from '../errors.js';
import { type HttpListener, serveApp } from '../http/serve-app.js';
import { jobs } from '../jobs/job-list.js';
import type { Logger } from '../logger.js';
import { openBackend } from '../queue/backend.js';
import { connectPostgres } from '../queue/connect-postgres.js';
import { connectRedis } from '../queue/connect-redis.js';
import { loadBull } from '../queue/load-bull.js';
import { createWatch } from '../queue/watch-connection.js';

type DashboardConfig = Pick<Config, 'databaseUrl' | 'redisUrl' | 'dashboard'>;

/** How often the queues are asked whether they still answer, in ms; /healthz tells the last answer. */
const WATCH_MS = 2_000;
/** A queue whose backend is away may not hold up the end, in ms. */
const CLOSE_QUEUES_MS = 2_000;

/**
 * Serves the dashboard for the queues of this configuration, also while their backend is away.
 * @throws AppError `conflict` when the address is taken.
 */
export function openDashboard(config: DashboardConfig, token: string, logger: Logger): Promise<HttpListener> {
  return openTogether(logger, async (closer) => {
    const { queues, checkHealth } = await openQueues(config, logger, closer);
    const app = createDashboardApp({ queues, token, checkHealth, logger });
    const server = await serveApp(app, config.dashboard).catch((error: unknown) => {
      throw addressTaken(config, error);
    });
    closer.add('dashboard', server.close);
    return { port: server.port };
  });
}

async function openQueues(config: DashboardConfig, logger: Logger, closer: Closer) {
  const { backend, close } = await openBackend(config, logger);
  closer.add('job queue', close);
  const bull = await loadBull(backend);
  const connection = backend.kind === 'redis' ? await connectRedis(backend.url, logger) : connectPostgres(backend.pool);
  const watch = createWatch(WATCH_MS);
  watch.start(connection);
  await watch.known;
  const queues = jobs.map(({ name }) => {
    const queue = new bull.Queue(name, { connection: connection.queueConnection });
    queue.on('error', (error) => logger.debug({ err: error, queue: name }, 'queue error'));
    return queue;
  });
  closer.add('queues', () => Promise.all(queues.map((queue) => queue.close())), CLOSE_QUEUES_MS);
  // Before its queues: one that waits for an answer fails at once, instead of holding up the end.
  closer.add('queue connection', () => {
    watch.stop();
    return connection.close();
  });
  return { queues, checkHealth: () => ({ queues: watch.state() === 'up' }) };
}

function addressTaken({ dashboard: { host, port } }: DashboardConfig, error: unknown): AppError {
  return new AppError({
    code: 'conflict',
    message: `The dashboard can't listen on ${host}:${port}: ${error instanceof Error ? error.message : error}`,
    fix: 'Set POPSTASH_DASHBOARD_PORT to a free port, or 0 for any.',
    cause: error,
  });
}
