import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Compares in constant time: digests have the same length, whatever was sent. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function readHostname(host: string | undefined): string | null {
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return null;
  }
}

/**
 * Refuses (403) what a foreign web page could make a browser send: a Host that is no loopback name (DNS rebinding),
 * an Origin other than the dashboard itself, a request that another site started, other than by a plain link. Hono's csrf
 * lets every GET through, and the dashboard answers nothing else.
 */
export function refuseForeign(): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('host');
    if (!LOOPBACK.has(readHostname(host) ?? '')) return c.text('This Host is not served.\n', 403);
    const origin = c.req.header('origin');
    if (origin !== undefined && origin !== `http://${host}`) return c.text('This Origin is not served.\n', 403);
    const site = c.req.header('sec-fetch-site') ?? 'none';
    const isLink = c.req.header('sec-fetch-mode') === 'navigate';
    if (site !== 'none' && site !== 'same-origin' && !isLink) return c.text('This site is not served.\n', 403);
    return await next();
  };
}

/**
 * Requires the token (else 401): `Authorization: Bearer TOKEN`, or the cookie which `?token=TOKEN` sets once.
 * The cookie holds a value derived from the token, so that the token itself is never stored by a browser. Hono's
 * bearerAuth knows no cookie, answers 400 to another scheme, and refuses tokens with characters that users may choose.
 */
export function requireToken(token: string): MiddlewareHandler {
  const cookieValue = createHmac('sha256', token).update('popstash dashboard cookie').digest('base64url');
  return async (c, next) => {
    const url = new URL(c.req.url);
    const shown = url.searchParams.get('token');
    if (shown !== null && isSame(shown, token) && c.req.method === 'GET') {
      setCookie(c, cookieName(c), cookieValue, { httpOnly: true, sameSite: 'Strict', path: '/' });
      url.searchParams.delete('token');
      return c.redirect(`${url.pathname}${url.search}`, 303);
    }
    const bearer = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const cookie = getCookie(c, cookieName(c));
    const isKnown = bearer !== undefined ? isSame(bearer, token) : cookie !== undefined && isSame(cookie, cookieValue);
    if (isKnown) return await next();
    c.header('WWW-Authenticate', 'Bearer realm="popstash"');
    return c.text('This page needs its token: open the link that `popstash dashboard` printed when it started.\n', 401);
  };
}

/** Browsers share cookies among the ports of a host, so the name carries the port. */
function cookieName(c: Context): string {
  return `popstash_${new URL(`http://${c.req.header('host')}`).port || '80'}`;
}

/** Refuses (405) every method that could change something: the dashboard only shows. */
export function refuseChanges(): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return await next();
    return c.text('The dashboard is read-only.\n', 405, { Allow: 'GET, HEAD' });
  };
}

/** Third parties may load nothing (Bull Board's page links web fonts), no site may frame the page, nothing is cached. */
export function setSafetyHeaders(): MiddlewareHandler[] {
  const headers = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      baseUri: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    // It is served over plain HTTP, on this machine.
    strictTransportSecurity: false,
  });
  const noStore: MiddlewareHandler = async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
  };
  return [headers, noStore];
}
