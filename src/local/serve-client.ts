import type { Socket } from 'node:net';
import { resolveProject } from '../domain/projects/resolve-project.js';
import type { Logger } from '../logger.js';
import { openConnection } from '../mcp/server.js';
import type { Services } from '../services.js';
import { type Bye, encodeControl, type Hello } from './local-protocol.js';
import { createSocketTransport } from './socket-transport.js';

export interface ServedClient {
  /** Reads nothing more; resolves when what was read is answered, or after `limitMs`. */
  drain(limitMs: number): Promise<void>;
  /** Says goodbye and hangs up; resolves when the agent is marked gone. */
  close(reason: Bye['reason']): Promise<void>;
}

export interface ServeClientDeps {
  version: string;
  services: () => Promise<Services>;
  logger: Logger;
  /** The socket has ended and the agent is marked gone. */
  onGone: (client: ServedClient) => void;
}

/** Attaches an MCP server of its own to a bridge's socket. A closed socket is a gone agent. */
export async function serveClient(
  socket: Socket,
  hello: Hello,
  rest: Buffer,
  deps: ServeClientDeps,
): Promise<ServedClient> {
  const { logger } = deps;
  const connection = openConnection({
    version: deps.version,
    mode: 'embedded',
    project: resolveProject(hello.cwd, hello.project),
    pid: hello.pid,
    services: deps.services,
    logger,
  });
  const transport = createSocketTransport(socket, rest);
  const gone = new Promise<void>((resolve) => {
    socket.once('close', () => {
      void connection.close('connection closed').finally(() => {
        deps.onGone(client);
        resolve();
      });
    });
  });
  const client: ServedClient = {
    drain: (limitMs) => transport.drain(limitMs),
    async close(reason) {
      if (!socket.destroyed) socket.end(encodeControl({ popstash: 'bye', reason }));
      // A bridge that reads nothing must not hold up the end.
      const timer = setTimeout(() => socket.destroy(), 1_000);
      socket.resume();
      await gone;
      clearTimeout(timer);
    },
  };
  connection.server.onerror = (error) => logger.debug({ err: error, agent: connection.agentId }, 'protocol error');
  await connection.server.connect(transport);
  return client;
}
