import type { ClientBase } from 'pg';
import type { Logger } from '../logger.js';
import { isHostAway, translateDatabaseError } from './faults/translate-error.js';
import { type OpenSignals, openSignals, type SignalConnection } from './open-signals.js';
import { createDatabaseHosts } from './server/database-hosts.js';
import { connectTo, type KnownPlace, prepareConnection } from './server/prepare-connection.js';

/** What an agent's process holds for as long as it lives, so that its death is seen at once by those who meet its locks. */
export interface LivenessLock {
  isHeld(agentId: string): boolean;
  /**
   * Resolves when the agent's lock is held, or after `limitMs`. Of an agent that this process has not held before, it is
   * taken now; without success where another process of the agent has it.
   */
  untilHeld(agentId: string, limitMs: number): Promise<void>;
  /** Writes into the agent's row that its process holds the lock; for a row that was written after the lock was taken. */
  record(agentId: string): Promise<void>;
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
/** As hold_liveness_lock, without waiting for another process that has it. */
const TRY = 'SELECT pg_try_advisory_lock(hashtextextended($1, 78)) AS taken';
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
  /** Agents of this process, and those whose lock it has now. */
  const agents = new Set([agentId]);
  const held = new Set<string>();
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
    for (const agent of agents) {
      await client.query(SEEN, [agent]);
      await client.query('SELECT hold_liveness_lock($1)', [agent]);
      await client.query(RECORD, [agent]);
      held.add(agent);
    }
    holder = client;
    for (const resolve of [...waiting]) resolve();
  }

  async function add(client: ClientBase, agent: string): Promise<void> {
    const { rows } = await client.query<{ taken: boolean }>(TRY, [agent]);
    if (!rows[0]?.taken) return;
    agents.add(agent);
    held.add(agent);
  }

  async function untilConnected(limitMs: number): Promise<void> {
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
  }

  const signals = openSignals({
    connect,
    onConnected: take,
    onLost: () => {
      holder = null;
      held.clear();
    },
    logger,
  });
  return {
    ...signals,
    livenessLock: {
      isHeld: (agent) => held.has(agent),
      async untilHeld(agent, limitMs) {
        await untilConnected(limitMs);
        if (holder && !held.has(agent)) await add(holder, agent).catch(() => undefined);
      },
      async record(agent) {
        await holder?.query(RECORD, [agent]);
      },
    },
  };
}
