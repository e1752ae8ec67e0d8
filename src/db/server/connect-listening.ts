import { isHostAway, translateDatabaseError } from '../faults/translate-error.js';
import type { SignalConnection } from '../open-signals.js';
import { createDatabaseHosts } from './database-hosts.js';
import { connectTo, type KnownPlace, prepareConnection } from './prepare-connection.js';

const CONNECT_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_MS = 5_000;
/**
 * No time-out of the server's may end a connection that only waits; it looks for a client that died without a word
 * (a cut network, a crashed machine) within about ten seconds, and also while the client waits for its lock.
 */
const SETTINGS = {
  statement_timeout: '0',
  lock_timeout: '0',
  idle_session_timeout: '0',
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '2',
  tcp_keepalives_count: '3',
  client_connection_check_interval: '1s',
};

/** Makes connections outside any pool that wait for signals, to whichever host takes writes. @param name as PostgreSQL shows it */
export function createListeningConnect(connectionString: string, name: string): () => Promise<SignalConnection> {
  const hosts = createDatabaseHosts(connectionString);
  let known: KnownPlace | undefined;
  return async () => {
    const host = hosts.current();
    try {
      const client = await connectTo(host, {
        timeoutMs: CONNECT_TIMEOUT_MS,
        keepAliveMs: KEEP_ALIVE_MS,
        applicationName: name,
      });
      const close = () => client.end();
      const preparation = { hosts, settings: SETTINGS, timeoutMs: CONNECT_TIMEOUT_MS, known };
      known = await prepareConnection(client, preparation).catch(async (error: unknown) => {
        void close().catch(() => undefined);
        throw error;
      });
      return { client, close };
    } catch (error) {
      if (isHostAway(error)) hosts.moveOn(host);
      throw translateDatabaseError(error);
    }
  };
}
