import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { HttpConfig } from '../config.js';
import { AppError } from '../errors.js';

export interface HttpListener {
  port: number;
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1']);

/**
 * Listens; port 0 takes any free one. On anything but loopback only with TLS, its own or that of a proxy in front of it.
 * @throws AppError `invalid_argument` for an address that would send tokens in the clear, `conflict` when it is taken
 */
export function listen(
  app: { fetch: Parameters<typeof serve>[0]['fetch'] },
  config: HttpConfig,
): Promise<HttpListener> {
  const tls = readTls(config);
  if (!LOOPBACK.has(config.host) && !tls && !config.isBehindProxy) throw isOpen(config.host);
  if (!LOOPBACK.has(config.host) && config.allowedHosts.length === 0 && config.url === undefined) throw isNameless();
  return new Promise((resolve, reject) => {
    const options = { fetch: app.fetch, hostname: config.host, port: config.port };
    const started = (info: AddressInfo) => {
      server.off('error', refuse);
      resolve({
        port: info.port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      });
    };
    const refuse = (error: Error) => reject(isTaken(config, error));
    const server = tls
      ? serve({ ...options, createServer: createTlsServer, serverOptions: tls }, started)
      : serve(options, started);
    server.once('error', refuse);
  });
}

function readTls({ cert, key }: HttpConfig): { cert: Buffer; key: Buffer } | null {
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) {
    throw new AppError({
      code: 'invalid_argument',
      message: `TLS needs a certificate and its key: ${cert === undefined ? 'POPSTASH_HTTP_TLS_CERT' : 'POPSTASH_HTTP_TLS_KEY'} is not set.`,
      fix: 'Set both to files in PEM.',
    });
  }
  return { cert: readPem('POPSTASH_HTTP_TLS_CERT', cert), key: readPem('POPSTASH_HTTP_TLS_KEY', key) };
}

function readPem(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new AppError({
      code: 'invalid_argument',
      message: `${name} can't be read: ${error instanceof Error ? error.message : error}`,
      fix: 'Set it to a file in PEM that this user can read.',
      cause: error,
    });
  }
}

function isOpen(host: string): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `On ${host} anyone on the network could read the tokens: there is no TLS.`,
    fix: 'Set POPSTASH_HTTP_TLS_CERT and POPSTASH_HTTP_TLS_KEY, or POPSTASH_HTTP_BEHIND_PROXY=true when a proxy in front of it ends TLS, or listen on 127.0.0.1.',
  });
}

function isNameless(): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: 'It is not known by which name this server is reached.',
    fix: 'Set POPSTASH_HTTP_ALLOWED_HOSTS to it, such as popstash.example.com.',
  });
}

function isTaken({ host, port }: HttpConfig, error: Error): AppError {
  return new AppError({
    code: 'conflict',
    message: `The server can't listen on ${host}:${port}: ${error.message}`,
    fix: 'Set POPSTASH_HTTP_PORT to a free port, or 0 for any.',
    cause: error,
  });
}
