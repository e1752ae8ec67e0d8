import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import { jobs } from '../jobs/job-list.js';
import type { Logger } from '../logger.js';
import { openBackend } from '../queue/backend.js';
import { connectPostgres } from '../queue/connect-postgres.js';
import { connectRedis } from '../queue/connect-redis.js';
import { loadBull } from '../queue/load-bull.js';
import { createWatch } from '../queue/watch-connection.js';
import { createDashboardApp } from './dashboard-app.js';
import { type RunningDashboard, serveDashboard } from './serve-dashboard.js';

/** How often the queues are asked whether they still answer, in ms; /healthz tells the last answer. */
const WATCH_MS = 2_000;

/**
 * Serves the dashboard for the queues of this configuration, also while their backend is away.
 * @throws AppError `conflict` when the address is taken.
 */
export async function openDashboard(
  config: Pick<Config, 'databaseUrl' | 'redisUrl' | 'dashboard'>,
  token: string,
  logger: Logger,
): Promise<RunningDashboard> {
  const { backend, close } = await openBackend(config, logger);
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
  const app = createDashboardApp({ queues, token, checkHealth: () => ({ queues: watch.state() === 'up' }), logger });
  const closeQueues = async () => {
    watch.stop();
    await connection.close();
    await Promise.allSettled([...queues.map((queue) => queue.close()), close()]);
  };
  try {
    const server = await serveDashboard(app, config.dashboard);
    return { port: server.port, close: () => server.close().then(closeQueues) };
  } catch (error) {
    await closeQueues();
    const { host, port } = config.dashboard;
    throw new AppError({
      code: 'conflict',
      message: `The dashboard can't listen on ${host}:${port}: ${error instanceof Error ? error.message : error}`,
      fix: 'Set POPSTASH_DASHBOARD_PORT to a free port, or 0 for any.',
      cause: error,
    });
  }
}
