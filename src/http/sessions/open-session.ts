import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import type { Member } from '../../actor/member.js';
import type { Logger } from '../../logger.js';
import type { CallSlots } from '../../mcp/server/call-slots.js';
import { openConnection } from '../../mcp/server/open-connection.js';
import type { Services } from '../../mcp/services.js';
import type { WorktreePolicy } from '../../project/resolve-project.js';
import type { LiveAgent } from './live-agent.js';
import { type MemberOrigin, servicesOf } from './member-services.js';
import { watchStream } from './watch-stream.js';

/** A stream that breaks is opened again soon, by a client that lives, in ms. */
const STREAM_GRACE_MS = 5_000;

export interface HttpSessionDeps {
  version: string;
  services: Services;
  slots: CallSlots;
  /** Texts of ours with the commands in them as they work for a team's members. */
  word(text: string): string;
  /** What a lock means in other worktrees and clones. */
  acrossWorktrees: WorktreePolicy;
  /** Without an open stream: the agent ends after this long without a request, in ms. */
  idleMs: number;
  logger: Logger;
}

export interface HttpSession extends LiveAgent {
  /** Answers one request of the session. @param body its JSON, where it was read */
  handle(request: Request, body?: unknown): Promise<Response>;
  /** Another process has answered in between: what it did is read. */
  refresh(): Promise<void>;
}

/** The one place that knows the transport: an agent's MCP server behind requests of one Mcp-Session-Id. */
export async function openHttpSession(
  id: string,
  member: Member,
  origin: MemberOrigin,
  deps: HttpSessionDeps,
): Promise<HttpSession> {
  const { agentId, place, pid, terminal, clientSession } = origin;
  const services = servicesOf(deps.services, member, origin);
  const connection = openConnection({
    version: deps.version,
    mode: 'server',
    agentId,
    connectionKey: agentId,
    origin: { cwd: place.folder, acrossWorktrees: deps.acrossWorktrees },
    identities: { resolve: async () => place, guess: () => place },
    // Of another machine: this one's processes say nothing of it, and the agent's row has its own.
    pid: pid ?? 0,
    terminal,
    clientSession,
    services: async () => services,
    slots: deps.slots,
    word: deps.word,
    logger: deps.logger,
  });
  const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => id });
  const server = connection.createServer({ era: 'legacy' });
  server.onerror = (error) => deps.logger.debug({ err: error, agent: agentId }, 'protocol error');
  await server.connect(transport);
  let open = 0;
  let lastAt = performance.now();
  let hadStream = false;

  return {
    id,
    member,
    agentId,
    async handle(request, body) {
      open += 1;
      if (request.method === 'GET') hadStream = true;
      const end = () => {
        open -= 1;
        lastAt = performance.now();
      };
      try {
        const options = body === undefined ? undefined : { parsedBody: body };
        return watchStream(await transport.handleRequest(request, options), end);
      } catch (error) {
        end();
        throw error;
      }
    },
    refresh: connection.refresh,
    isLive: () => open > 0 || performance.now() - lastAt < (hadStream ? STREAM_GRACE_MS : deps.idleMs),
    async end(reason) {
      await connection.close(reason);
      await transport.close();
    },
    leave() {
      connection.leave();
      void transport.close().catch(() => undefined);
    },
  };
}
