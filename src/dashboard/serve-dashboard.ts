import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';

export interface RunningDashboard {
  port: number;
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

/**
 * Listens; port 0 takes any free one.
 * @throws the listening error (EADDRINUSE, EACCES) as Node gives it.
 */
export function serveDashboard(app: Hono, address: { host: string; port: number }): Promise<RunningDashboard> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: address.host, port: address.port }, (info: AddressInfo) => {
      server.off('error', reject);
      resolve({
        port: info.port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      });
    });
    server.once('error', reject);
  });
}
