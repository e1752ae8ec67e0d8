import type { ClientBase } from 'pg';
import type { Logger } from '../logger.js';
import { isHostAway, translateDatabaseError } from './faults/translate-error.js';
import { type OpenSignals, openSignals, type SignalConnection } from './open-signals.js';
import { createDatabaseHosts } from './server/database-hosts.js';
import { connectTo, type KnownPlace, prepareConnection } from './server/prepare-connection.js';

/** What an agent's process holds for as long as it lives, so that its death is seen at once by those who meet its locks. */
export interface LivenessLock {
  isHeld(): boolean;
  /** Resolves when the lock is held, or after `limitMs`. */
  untilHeld(limitMs: number): Promise<void>;
  /** Writes into the agent's row that its process holds the lock; for a row that was written after the lock was taken. */
  record(): Promise<void>;
}

export interface LiveSignals extends OpenSignals {
  livenessLock: LivenessLock;
}

export interface LivenessOptions {
  connectionString: string;
  agentId: string;
  logger: Logger;
}

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

const RECORD = `UPDATE agents SET has_liveness_lock = true, suspected_at = NULL, liveness_timeline = current_timeline() WHERE id = $1`;
/** To be connected again is a sign of life: after the database was away for long, all agents have been silent for long. */
const SEEN = 'UPDATE agents SET last_seen_at = now() WHERE id = $1';

/**
 * Signals, and the liveness lock of an agent's process, on one connection outside any pool: a session-level advisory lock
 * on the agent's id, which the database frees the moment the connection is gone, whatever ended the process. See the
 * function agent_liveness and docs/decisions/liveness.md. After a break it is taken again; while the server has not yet
 * given up the broken connection this waits, and that one counts until then.
 */
export function holdLivenessLock({ connectionString, agentId, logger }: LivenessOptions): LiveSignals {
  let holder: ClientBase | null = null;
  const waiting = new Set<() => void>();

  const hosts = createDatabaseHosts(connectionString);
  let known: KnownPlace | undefined;

  async function connect(): Promise<SignalConnection> {
    const host = hosts.current();
    try {
      const client = await connectTo(host, {
        timeoutMs: CONNECT_TIMEOUT_MS,
        keepAliveMs: KEEP_ALIVE_MS,
        applicationName: 'popstash-agent',
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
  }

  async function take(client: ClientBase): Promise<void> {
    await client.query(SEEN, [agentId]);
    await client.query('SELECT hold_liveness_lock($1)', [agentId]);
    await client.query(RECORD, [agentId]);
    holder = client;
    for (const resolve of [...waiting]) resolve();
  }

  const signals = openSignals({
    connect,
    onConnected: take,
    onLost: () => {
      holder = null;
    },
    logger,
  });
  return {
    ...signals,
    livenessLock: {
      isHeld: () => holder !== null,
      async untilHeld(limitMs) {
        if (holder) return;
        await new Promise<void>((resolve) => {
          const done = (): void => {
            clearTimeout(timer);
            waiting.delete(done);
            resolve();
          };
          const timer = setTimeout(done, limitMs);
          waiting.add(done);
        });
      },
      async record() {
        await holder?.query(RECORD, [agentId]);
      },
    },
  };
}
