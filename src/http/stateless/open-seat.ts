import { createMcpHandler, type ServerEventBus } from '@modelcontextprotocol/server';
import type { Member } from '../../actor/member.js';
import { openConnection } from '../../mcp/server/open-connection.js';
import { type MemberOrigin, servicesOf } from '../sessions/member-services.js';
import type { HttpSessionDeps } from '../sessions/open-session.js';
import { watchStream } from '../sessions/watch-stream.js';
import { createLeases, type LeasesOptions } from './lease-agents.js';

/** What answers the requests of one member that come from one place, each of which stands alone (revision 2026-07-28). */
export interface Seat {
  /** @param body the request's JSON */
  answer(request: Request, body: unknown): Promise<Response>;
  /** No agent is called for through it, no stream is open, and the last request was long ago. */
  isIdle(): boolean;
  /** Lets go of everything here: another process goes on. */
  leave(): void;
}

export type SeatDeps = HttpSessionDeps & Pick<LeasesOptions, 'repository' | 'live'>;

/**
 * Opens the place where one member's agents of one project are called for. A bridge is one client's process: a call without a
 * handle is then its only agent's. Without a bridge the requests of all the member's clients come together.
 */
export function openSeat(member: Member, origin: MemberOrigin, deps: SeatDeps): Seat {
  const { place, host, pid, terminal, clientSession } = origin;
  const isBridge = host !== null;
  const streams = createStreams(() => connection.watch());
  const leases = createLeases({
    member,
    ...{ repository: deps.repository, live: deps.live, idleMs: deps.idleMs },
    callers: () => connection.agents(),
  });
  const connection = openConnection({
    version: deps.version,
    mode: 'server',
    agentId: origin.agentId,
    connectionKey: isBridge ? origin.agentId : null,
    origin: { cwd: place.folder, acrossWorktrees: deps.acrossWorktrees },
    identities: { resolve: async () => place, guess: () => place },
    // Of another machine: this one's processes say nothing of it, and the agent's row has its own.
    pid: pid ?? 0,
    terminal,
    clientSession,
    services: async () => servicesOf(deps.services, member, origin),
    slots: deps.slots,
    byRequest: {
      leases,
      hasStreams: () => streams.size() > 0,
      onUpdated: (uri) => streams.bus.publish({ kind: 'resource_updated', uri }),
    },
    word: deps.word,
    logger: deps.logger,
  });
  const handler = createMcpHandler(connection.createServer, {
    legacy: 'reject',
    bus: streams.bus,
    onerror: (error) => deps.logger.debug({ err: error, member: member.id }, 'protocol error'),
  });
  let open = 0;
  let lastAt = performance.now();

  return {
    async answer(request, body) {
      open += 1;
      const end = () => {
        open -= 1;
        lastAt = performance.now();
      };
      try {
        return watchStream(await handler.fetch(request, { parsedBody: body }), end);
      } catch (error) {
        end();
        throw error;
      }
    },
    isIdle: () => open === 0 && leases.isEmpty() && performance.now() - lastAt > deps.idleMs,
    leave() {
      connection.leave();
      void handler.close().catch(() => undefined);
    },
  };
}

/** Hands changes on to the streams that are open. @param onOpened a stream was opened */
function createStreams(onOpened: () => void): { bus: ServerEventBus; size(): number } {
  const listeners = new Set<Parameters<ServerEventBus['subscribe']>[0]>();
  return {
    bus: {
      publish(event) {
        for (const listener of [...listeners]) listener(event);
      },
      subscribe(listener) {
        listeners.add(listener);
        onOpened();
        return () => void listeners.delete(listener);
      },
    },
    size: () => listeners.size,
  };
}
