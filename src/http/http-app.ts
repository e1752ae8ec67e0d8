import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import type { Member } from '../actor/member.js';
import { translateDatabaseError } from '../db/faults/translate-error.js';
import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Services } from '../mcp/services.js';
import { MAX_LINE_BYTES } from '../mcp/transport/drop-long-line.js';
import type { Authenticator } from './access/authenticate.js';
import { refuseForeign } from './access/check-request.js';
import type { RateLimit } from './access/limit-rate.js';
import { answerMcp, type MemberEnv } from './answer-mcp.js';
import { answerHook, answerSettle, answerUsage, type RecordUsage } from './answer-member.js';
import { describeResource, RESOURCE_PATH } from './describe-resource.js';
import type { SessionRegistry } from './sessions/session-registry.js';
import type { Seats } from './stateless/seats.js';

export interface HttpAppDeps {
  authenticator: Authenticator;
  /** Of members, and of addresses that sent no valid token. */
  limits: { member: RateLimit; stranger: RateLimit };
  sessions: SessionRegistry;
  /** For requests that stand alone. */
  seats: Seats;
  services: Services;
  recordUsage: RecordUsage;
  /** Host names that are served. */
  hostNames: readonly string[];
  /** Where it is reached from outside; undefined: as the request says. */
  url: string | undefined;
  /** The identity provider; null without one. */
  issuer: string | null;
  logger: Logger;
}

/** Largest body of a request, in bytes: the longest line that a client may send, and what its bridge adds. */
const MAX_BODY_BYTES = MAX_LINE_BYTES + 1024 * 1024;

/**
 * The HTTP server of a team. `/healthz` and the metadata of the protected resource are for everyone, the rest for members:
 * `/mcp` (Streamable HTTP), `/member/…` (what bridges, hooks and guards ask).
 */
export function createHttpApp(deps: HttpAppDeps): Hono<MemberEnv> {
  const { services, logger } = deps;
  const app = new Hono<MemberEnv>();
  app.use(secureHeaders({ strictTransportSecurity: false }), refuseForeign(deps.hostNames));
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  for (const path of [RESOURCE_PATH, `${RESOURCE_PATH}/mcp`]) {
    app.get(path, (c) =>
      deps.issuer === null ? c.notFound() : c.json(describeResource(deps.issuer, ownUrl(c, deps))),
    );
  }
  app.use(async (c, next) => {
    const member = await authenticate(c, deps);
    if (member instanceof Response) return member;
    c.set('member', member);
    return await next();
  });
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => c.json({ error: tooLarge }, 413) }));
  app.all('/mcp', (c) => answerMcp(c, deps));
  app.post('/member/settle', async (c) => c.json(await answerSettle(c.get('member'), await c.req.json(), services)));
  app.post('/member/hook', async (c) => c.json(await answerHook(c.get('member'), await c.req.json(), services)));
  app.post('/member/usage', async (c) => c.json(await answerUsage(await c.req.json(), deps.recordUsage)));
  app.notFound((c) => c.json({ error: 'There is nothing here; agents connect to /mcp.' }, 404));
  app.onError((error, c) => answerError(error, c, logger));
  return app;
}

const tooLarge = `A request may have ${MAX_BODY_BYTES} bytes at most.`;

/** @returns the member, or the refusal */
async function authenticate(c: Context<MemberEnv>, deps: HttpAppDeps): Promise<Member | Response> {
  const address = getConnInfo(c).remote.address ?? '';
  const member = await deps.authenticator.identify(c.req.header('authorization'));
  if (member) {
    const wait = deps.limits.member.take(member.id);
    return wait === 0 ? member : slowDown(c, wait);
  }
  const wait = deps.limits.stranger.take(address);
  if (wait > 0) return slowDown(c, wait);
  const metadata = deps.issuer === null ? '' : ` resource_metadata="${ownUrl(c, deps)}${RESOURCE_PATH}/mcp"`;
  return c.json({ error: 'A valid token is needed: popstash tokens create NAME makes one.' }, 401, {
    'WWW-Authenticate': `Bearer${metadata}`,
  });
}

function slowDown(c: Context, seconds: number): Response {
  return c.json({ error: `Too many requests. Send the next one in ${seconds} s.` }, 429, {
    'Retry-After': `${seconds}`,
  });
}

function ownUrl(c: Context, { url }: HttpAppDeps): string {
  return url ?? new URL(c.req.url).origin;
}

function answerError(error: Error, c: Context, logger: Logger): Response {
  if (error instanceof SyntaxError) return c.json({ error: 'The body is no JSON.' }, 400);
  const known = translateDatabaseError(error);
  if (known instanceof AppError) {
    const { code, message, fix, retryable } = known;
    const status = code === 'invalid_argument' ? 400 : retryable ? 503 : 500;
    return c.json({ error: message, code, fix, retryable }, status);
  }
  logger.error({ err: error, path: c.req.path }, 'a request failed');
  return c.json({ error: 'The server failed; its log says why.' }, 500);
}
