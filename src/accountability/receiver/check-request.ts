import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Why a request is not served, as an HTTP status and words for the person who debugs it. */
export interface Refusal {
  status: number;
  reason: string;
}

/**
 * Refuses what no exporter of OpenTelemetry sends: another method than POST, a Host that is no loopback name (DNS
 * rebinding), and everything that a browser sends, which always says where a POST comes from.
 */
export function checkRequest({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): Refusal | null {
  if (!LOOPBACK.has(readHostname(headers.host) ?? '')) return { status: 403, reason: 'this Host is not served' };
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
    return { status: 403, reason: 'browsers are not served' };
  }
  return method === 'POST' ? null : { status: 405, reason: 'only POST is served' };
}

export type Encoding = 'json' | 'protobuf';

/** The encoding of a request's body; null for another one. */
export function readEncoding(headers: IncomingHttpHeaders): Encoding | null {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  return type === 'application/x-protobuf' ? 'protobuf' : null;
}

function readHostname(host: string | undefined): string | null {
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return null;
  }
}
