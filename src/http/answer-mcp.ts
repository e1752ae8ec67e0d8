import { isLegacyRequest } from '@modelcontextprotocol/server';
import type { Context } from 'hono';
import type { Member } from '../actor/member.js';
import type { SessionRegistry } from './sessions/session-registry.js';
import type { Seats } from './stateless/seats.js';

/** What is known of a request: who sends it. */
export type MemberEnv = { Variables: { member: Member } };

/** Answers a request to `/mcp`: one that stands alone, one that begins a session, or one of the session that its header names. */
export async function answerMcp(
  c: Context<MemberEnv>,
  { sessions, seats }: { sessions: SessionRegistry; seats: Seats },
): Promise<Response> {
  const member = c.get('member');
  const id = c.req.header('mcp-session-id');
  const { method } = c.req;
  if (method === 'DELETE') {
    return id !== undefined && (await sessions.end(member, id)) ? c.body(null, 200) : noSession(c, id);
  }
  const request = c.req.raw;
  const body = method === 'POST' ? await readBody(c) : undefined;
  if (body === NOT_JSON) return refuse(c, 400, -32_700, 'Parse error: the body is no JSON');
  const project = c.req.header('popstash-project') ?? c.req.query('project');
  if (method === 'POST' && !(await isLegacyRequest(request, body))) {
    return await seats.answer(member, request, body, project);
  }
  if (id === undefined && isInitialize(body)) return await sessions.begin(member, request, body, project);
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
  return refuse(c, id === undefined ? 400 : 404, -32_001, message);
}

const NOT_JSON = Symbol('not JSON');

async function readBody(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch (error) {
    if (error instanceof SyntaxError) return NOT_JSON;
    throw error;
  }
}

function refuse(c: Context, status: 400 | 404, code: number, message: string): Response {
  return c.json({ jsonrpc: '2.0', error: { code, message }, id: null }, status);
}
