import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Queue } from 'bullmq';
import type { Hono } from 'hono';
import { findPackage } from '../package-root.js';

const BASE = '/queues';

/**
 * Folder of Bull Board's page: beside the bundle, which users have without Bull Board's own packages, else in
 * node_modules. Given explicitly: in a bundle its API would look for it beside the wrong file.
 */
function findBoardFiles(): string {
  const bundled = join(findPackage().root, 'dist', 'bull-board');
  if (existsSync(bundled)) return bundled;
  const api = createRequire(import.meta.url).resolve('@bull-board/api');
  return dirname(createRequire(api).resolve('@bull-board/ui/package.json'));
}

/** Mounts Bull Board at /queues for the given queues, of either backend, read-only. */
export function mountQueueBoard(app: Hono, queues: readonly Queue[]): void {
  const serverAdapter = new HonoAdapter(serveStatic).setBasePath(BASE);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
    serverAdapter,
    options: { uiBasePath: findBoardFiles(), uiConfig: { boardTitle: 'PopStash queues' } },
  });
  app.get(`${BASE}/`, (c) => c.redirect(BASE));
  app.route(BASE, serverAdapter.registerPlugin());
}
