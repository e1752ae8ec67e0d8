import type { MiddlewareHandler } from 'hono';

export const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses (403) what a foreign web page could make a browser send: a Host that is none of this server's names (DNS rebinding),
 * and an Origin that is not the server itself. Agents and hooks send no Origin.
 * @param names host names, without ports
 */
export function refuseForeign(names: readonly string[]): MiddlewareHandler {
  const served = new Set(names.map((name) => name.toLowerCase()));
  return async (c, next) => {
    const host = c.req.header('host');
    if (!served.has(readHostname(`http://${host}`) ?? '')) {
      return c.json({ error: 'This Host is not served here. POPSTASH_HTTP_ALLOWED_HOSTS names those that are.' }, 403);
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && readHost(origin) !== host?.toLowerCase()) {
      return c.json({ error: 'This Origin is not served here.' }, 403);
    }
    return await next();
  };
}

function readHostname(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname.toLowerCase() : null;
}

/** Name and port of an http or https origin; null for another one, such as `null`. */
function readHost(origin: string): string | null {
  if (!URL.canParse(origin)) return null;
  const { protocol, host } = new URL(origin);
  return protocol === 'http:' || protocol === 'https:' ? host.toLowerCase() : null;
}
