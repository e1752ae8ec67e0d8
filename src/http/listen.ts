import { readFileSync } from 'node:fs';
import type { HttpConfig } from '../config.js';
import { AppError } from '../errors.js';
import { type HttpListener, type ServedApp, serveApp } from './serve-app.js';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1']);

/**
 * Listens; port 0 takes any free one. On anything but loopback only with TLS, its own or that of a proxy in front of it.
 * @throws AppError `invalid_argument` for an address that would send tokens in the clear, `conflict` when it is taken
 */
export async function listen(app: ServedApp, config: HttpConfig): Promise<HttpListener> {
  const { host, port } = config;
  const tls = readTls(config) ?? undefined;
  if (!LOOPBACK.has(host) && !tls && !config.isBehindProxy) throw isOpen(host);
  if (!LOOPBACK.has(host) && config.allowedHosts.length === 0 && config.url === undefined) throw isNameless();
  return await serveApp(app, { host, port, tls }).catch((error: Error) => {
    throw isTaken(config, error);
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
