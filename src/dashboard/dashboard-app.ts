import type { Queue } from 'bullmq';
import { Hono } from 'hono';
import type { Logger } from '../logger.js';
import { refuseChanges, refuseForeign, requireToken, setSafetyHeaders } from './guard-requests.js';
import { mountQueueBoard } from './mount-queue-board.js';

export interface DashboardDeps {
  queues: readonly Queue[];
  token: string;
  /** Whether each part answers, by its name: /healthz needs no token, so it tells no more. */
  checkHealth(): Record<string, boolean>;
  logger: Logger;
}

/**
 * The dashboard as a web application: `/healthz` for everyone on this machine (200, or 503 when a part is down), and
 * behind the token `/queues` (Bull Board). Read-only.
 */
export function createDashboardApp(deps: DashboardDeps): Hono {
  const app = new Hono();
  app.use(...setSafetyHeaders(), refuseForeign(), refuseChanges());
  app.get('/healthz', (c) => {
    const parts = deps.checkHealth();
    const isWell = Object.values(parts).every(Boolean);
    return c.json({ status: isWell ? 'ok' : 'degraded', parts }, isWell ? 200 : 503);
  });
  app.use(requireToken(deps.token));
  app.get('/', (c) => c.redirect('/queues'));
  mountQueueBoard(app, deps.queues);
  app.notFound((c) => c.text('There is nothing here; see /queues.\n', 404));
  app.onError((error, c) => {
    deps.logger.warn({ err: error, path: c.req.path }, 'dashboard request failed');
    return c.text('The dashboard could not answer; its log says why.\n', 500);
  });
  return app;
}
