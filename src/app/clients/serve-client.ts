import type { Socket } from 'node:net';
import { type Bye, encodeControl, type Hello } from '../../ipc/control-protocol.js';
import type { Logger } from '../../logger.js';
import type { CallSlots } from '../../mcp/server/call-slots.js';
import { deriveId } from '../../mcp/server/handle-callers.js';
import { openConnection } from '../../mcp/server/open-connection.js';
import { serveLines } from '../../mcp/server/serve-lines.js';
import type { Services } from '../../mcp/services.js';
import { createLineTransport } from '../../mcp/transport/line-transport.js';
import type { ProjectIdentities } from '../../project/project-identities.js';
import { readWorktreePolicy } from '../../project/workplace-origin.js';

export interface ServedClient {
  /** Reads nothing more; resolves when what was read is answered, or after `limitMs`. */
  drain(limitMs: number): Promise<void>;
  /** Says goodbye and hangs up: the agent is expected at the next server. Resolves when the socket is closed. */
  close(reason: Bye['reason']): Promise<void>;
}

export interface ServeClientDeps {
  version: string;
  services: () => Promise<Services>;
  identities: ProjectIdentities;
  slots: CallSlots;
  word(text: string): string;
  logger: Logger;
  /** The socket has ended; an agent that hung up by itself is marked gone. */
  onGone: (client: ServedClient) => void;
}

/**
 * Attaches an MCP server of its own to a bridge's socket. A closed socket is a gone agent, unless this side closed it.
 */
export async function serveClient(
  socket: Socket,
  hello: Hello,
  rest: Buffer,
  deps: ServeClientDeps,
): Promise<ServedClient> {
  const { logger } = deps;
  const transport = createLineTransport(socket, socket, rest);
  const connection = openConnection({
    version: deps.version,
    mode: 'embedded',
    // One bridge, one connection, whichever server it reaches.
    agentId: deriveId(hello.bridge),
    connectionKey: hello.bridge,
    origin: {
      cwd: hello.cwd,
      home: hello.home,
      project: hello.project,
      clientFolder: hello.clientFolder,
      acrossWorktrees: readWorktreePolicy(hello.worktrees),
    },
    pid: hello.pid,
    terminal: hello.terminal,
    clientSession: hello.clientSession,
    services: deps.services,
    identities: deps.identities,
    slots: deps.slots,
    word: deps.word,
    transport,
    logger,
  });
  let leaving = false;
  const gone = new Promise<void>((resolve) => {
    socket.once('close', () => {
      if (leaving) connection.leave();
      void (leaving ? Promise.resolve() : connection.close('connection closed')).finally(() => {
        deps.onGone(client);
        resolve();
      });
    });
  });
  const client: ServedClient = {
    drain: (limitMs) => transport.drain(limitMs),
    async close(reason) {
      leaving = true;
      if (!socket.destroyed) socket.end(encodeControl({ popstash: 'bye', reason }));
      // A bridge that reads nothing must not hold up the end.
      const timer = setTimeout(() => socket.destroy(), 1_000);
      socket.resume();
      await gone;
      clearTimeout(timer);
    },
  };
  socket.on('close', () => transport.onclose?.());
  serveLines(connection, transport, (error) =>
    logger.debug({ err: error, agent: connection.agentId }, 'protocol error'),
  );
  return client;
}
