import { randomBytes } from 'node:crypto';
import type { Member } from '../../actor/member.js';
import { checkRoom, LEASE_PREFIX, type LiveAgent } from './live-agent.js';
import { lookAfterSessions } from './look-after-sessions.js';
import type { HttpSession, HttpSessionDeps } from './open-session.js';
import { openHttpSession } from './open-session.js';
import { readOrigin } from './read-origin.js';
import type { SessionRepository, StoredSession } from './session-repository.js';

export interface SessionRegistry {
  /** Answers `initialize` by a new session. @param body the request's JSON @param project that the request names */
  begin(member: Member, request: Request, body: InitializeBody, project: string | undefined): Promise<Response>;
  /** Answers a request of a session; null where the member has none of this id. */
  handle(member: Member, id: string, request: Request, body?: unknown): Promise<Response | null>;
  /** Ends a session by its client's wish. @returns false where the member has none of this id */
  end(member: Member, id: string): Promise<boolean>;
  /** Leaves all: another process may take them up. */
  close(): void;
}

export interface InitializeBody {
  params: Record<string, unknown>;
}

export interface SessionRegistryDeps extends HttpSessionDeps {
  repository: SessionRepository;
  /** Agents that this process answers for, those without sessions too, by the ids of their rows. */
  live: Map<string, LiveAgent | HttpSession>;
  /** Those of these members whose tokens are valid no longer. */
  listRefused(memberIds: readonly string[]): Promise<Set<string>>;
}

export function createSessionRegistry(deps: SessionRegistryDeps): SessionRegistry {
  const { repository, live, logger } = deps;
  const opening = new Map<string, Promise<HttpSession>>();

  function findHere(id: string): HttpSession | undefined {
    const agent = live.get(id);
    return agent && 'handle' in agent ? agent : undefined;
  }

  /** The session as it is here; another process had it, or this one before it was started again. */
  async function takeUp(stored: StoredSession, member: Member): Promise<HttpSession> {
    const origin = readOrigin(member, stored.initialize, readProject(stored.initialize), stored.agentId);
    const session = await openHttpSession(stored.id, member, origin, deps);
    for (const message of replayed(stored.initialize)) {
      const answer = await session.handle(post(message, stored.id), message);
      await answer.arrayBuffer();
    }
    live.set(stored.id, session);
    logger.info({ agent: session.agentId }, 'a session was taken up');
    return session;
  }

  async function find(member: Member, id: string): Promise<HttpSession | null> {
    if (id.startsWith(LEASE_PREFIX)) return null;
    const stored = await repository.answer(id, member.id);
    if (!stored) {
      live.get(id)?.leave();
      live.delete(id);
      return null;
    }
    const here = findHere(id);
    if (here) {
      if (!stored.wasHere) await here.refresh();
      return here;
    }
    const pending = opening.get(id) ?? takeUp(stored, member).finally(() => opening.delete(id));
    opening.set(id, pending);
    return await pending;
  }

  const looking = lookAfterSessions(live, deps);

  return {
    async begin(member, request, body, project) {
      checkRoom(live, member);
      const id = randomBytes(24).toString('base64url');
      const initialize = project === undefined ? body.params : { ...body.params, [PROJECT]: project };
      const origin = readOrigin(member, body.params, project);
      const session = await openHttpSession(id, member, origin, deps);
      await repository.add({ id, agentId: origin.agentId, memberId: member.id, person: member.person, initialize });
      live.set(id, session);
      return await session.handle(request, body);
    },

    async handle(member, id, request, body) {
      return (await (await find(member, id))?.handle(request, body)) ?? null;
    },

    async end(member, id) {
      const session = await find(member, id);
      if (!session) return false;
      live.delete(id);
      await repository.remove(id);
      await session.end('connection closed');
      return true;
    },

    close() {
      void looking.stop();
      for (const agent of live.values()) agent.leave();
      live.clear();
    },
  };
}

/** Beside the client's own parameters in the row: the project that the request named. */
const PROJECT = 'popstash/project';

function readProject(initialize: Record<string, unknown>): string | undefined {
  const project = initialize[PROJECT];
  return typeof project === 'string' ? project : undefined;
}

/** What the client has said when its session began. */
function replayed({ [PROJECT]: _project, ...params }: Record<string, unknown>): object[] {
  return [
    { jsonrpc: '2.0', id: 'popstash-taken-up', method: 'initialize', params },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
  ];
}

function post(message: object, id: string): Request {
  return new Request('http://localhost/mcp', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-session-id': id,
    },
    body: JSON.stringify(message),
  });
}
