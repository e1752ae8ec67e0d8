import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';

/** What answers requests: a Hono app. */
export interface ServedApp {
  fetch: Parameters<typeof serve>[0]['fetch'];
}

export interface ServedAddress {
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** In PEM; plain HTTP without it. */
  tls?: { cert: Buffer; key: Buffer } | undefined;
}

export interface HttpListener {
  port: number;
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

/**
 * Serves an app.
 * @throws the listening error (EADDRINUSE, EACCES) as Node gives it
 */
export function serveApp(app: ServedApp, { host, port, tls }: ServedAddress): Promise<HttpListener> {
  return new Promise((resolve, reject) => {
    const options = { fetch: app.fetch, hostname: host, port };
    const started = (info: AddressInfo) => {
      server.off('error', reject);
      resolve({
        port: info.port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      });
    };
    const server = tls
      ? serve({ ...options, createServer: createTlsServer, serverOptions: tls }, started)
      : serve(options, started);
    server.once('error', reject);
  });
}
