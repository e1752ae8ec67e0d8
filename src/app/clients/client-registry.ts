import type { Socket } from 'node:net';
import type { Bye, Hello } from '../../ipc/control-protocol.js';
import type { Logger } from '../../logger.js';
import type { CallSlots } from '../../mcp/server/call-slots.js';
import type { Services } from '../../mcp/services.js';
import type { ProjectIdentities } from '../../project/project-identities.js';
import type { ServedClient } from './serve-client.js';

export interface ClientRegistryOptions {
  version: string;
  services: () => Promise<Services>;
  identities: ProjectIdentities;
  slots: CallSlots;
  /** Texts of ours with the commands in them as they work for those who read them. */
  word(text: string): string;
  /** The last client has gone. */
  onEmpty: () => void;
  logger: Logger;
}

export interface ClientRegistry {
  /** Serves a bridge, as soon as the code for it is loaded. */
  accept(socket: Socket, hello: Hello, rest: Buffer): void;
  /** Loads that code. */
  load(): Promise<void>;
  /** Connected agents. */
  count(): number;
  /** Also true while a bridge is about to be served. */
  hasClients(): boolean;
  /** Lets calls under way be answered, for `drainMs` at most, and parts from all clients. */
  close(reason: Bye['reason'], drainMs: number): Promise<void>;
}

/** The bridges of a local server, one agent each. */
export function createClientRegistry(options: ClientRegistryOptions): ClientRegistry {
  const { version, services, identities, slots, word, logger, onEmpty } = options;
  const clients = new Set<ServedClient>();
  let arriving = 0;
  let leaving: Bye['reason'] | null = null;

  const hasClients = (): boolean => clients.size + arriving > 0;

  function onGone(client: ServedClient): void {
    clients.delete(client);
    if (!hasClients()) onEmpty();
  }

  async function serve(socket: Socket, hello: Hello, rest: Buffer): Promise<void> {
    arriving += 1;
    try {
      const { serveClient } = await import('./serve-client.js');
      const client = await serveClient(socket, hello, rest, {
        version,
        services,
        identities,
        slots,
        word,
        logger,
        onGone,
      });
      // It may have gone while it was being served.
      if (!socket.destroyed) clients.add(client);
      if (leaving) void client.close(leaving);
    } catch (error) {
      logger.error({ err: error }, 'a client could not be served');
      socket.destroy();
    } finally {
      arriving -= 1;
      if (!hasClients()) onEmpty();
    }
  }

  return {
    accept: (socket, hello, rest) => void serve(socket, hello, rest),
    load: async () => void (await import('./serve-client.js')),
    count: () => clients.size,
    hasClients,
    async close(reason, drainMs) {
      leaving = reason;
      const present = [...clients];
      await Promise.all(present.map((client) => client.drain(drainMs)));
      await Promise.all(present.map((client) => client.close(reason)));
    },
  };
}
