import type { Context } from 'hono';
import type { Member } from '../actor/member.js';
import type { SessionRegistry } from './sessions/session-registry.js';

/** What is known of a request: who sends it. */
export type MemberEnv = { Variables: { member: Member } };

/** Answers a request to `/mcp`: begins a session, or passes it on to the one that its header names. */
export async function answerMcp(c: Context<MemberEnv>, sessions: SessionRegistry): Promise<Response> {
  const member = c.get('member');
  const id = c.req.header('mcp-session-id');
  const { method } = c.req;
  if (method === 'DELETE') {
    return id !== undefined && (await sessions.end(member, id)) ? c.body(null, 200) : noSession(c, id);
  }
  const request = c.req.raw;
  const body: unknown = method === 'POST' ? await c.req.json() : undefined;
  if (id === undefined && isInitialize(body)) {
    return await sessions.begin(member, request, body, c.req.header('popstash-project') ?? c.req.query('project'));
  }
  if (id === undefined) return noSession(c, id);
  return (await sessions.handle(member, id, request, body)) ?? noSession(c, id);
}

function isInitialize(body: unknown): body is { params: Record<string, unknown> } {
  const message = body as { method?: unknown; params?: unknown } | null;
  return message?.method === 'initialize' && typeof message.params === 'object' && message.params !== null;
}

/** 404: the client begins another session. */
function noSession(c: Context, id: string | undefined): Response {
  const message = id === undefined ? 'Mcp-Session-Id is missing: begin with initialize.' : 'Session not found';
  return c.json({ jsonrpc: '2.0', error: { code: -32001, message }, id: null }, id === undefined ? 400 : 404);
}
