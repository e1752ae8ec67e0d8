import type { ClientBase } from 'pg';
import type { Logger } from '../logger.js';
import type { Signals } from './signal-types.js';

/** A connection that is used for nothing but listening. */
export interface SignalConnection {
  client: ClientBase;
  close(): Promise<void>;
}

export interface SignalsOptions {
  /** Makes a new connection; rejects while the database is away. */
  connect: () => Promise<SignalConnection>;
  /** Done on every new connection before it counts as up; a rejection gives the connection up. */
  onConnected?: (client: ClientBase) => Promise<void>;
  /** The connection broke, or could not be made: signals may be missed until the next `onConnected`. */
  onLost?: () => void;
  logger: Logger;
}

export interface OpenSignals extends Signals {
  close(): Promise<void>;
}

/** Pauses before another connection is tried, in ms: longer each time, up to the last. */
const RETRY_MS = [50, 100, 150, 250];
const CLOSE_MS = 500;
const EVERYONE = 'popstash';

/**
 * Listens on the channel `popstash`, and on those of the agents that joined, on a connection of its own, for as long as the process lives, wherever the database
 * is meanwhile. Returns at once. On every new connection each listener for a single topic is called: it may have missed
 * one.
 */
export function openSignals({ connect, onConnected, onLost, logger }: SignalsOptions): OpenSignals {
  const listeners = new Map<string, Set<() => void>>();
  const prefixes = new Map<string, Set<(rest: string) => void>>();
  const joined = new Map<string, number>();
  let connection: SignalConnection | null = null;
  // One after the other: a client runs one statement at a time.
  let ordered: Promise<unknown> = Promise.resolve();
  let closed = false;
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });

  function hear(payload: string | undefined): void {
    if (payload === undefined) return;
    for (const listener of [...(listeners.get(payload) ?? [])]) call(listener);
    for (const [prefix, set] of prefixes) {
      if (payload.startsWith(prefix))
        for (const listener of [...set]) call(() => listener(payload.slice(prefix.length)));
    }
  }

  function call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      logger.error({ err: error }, 'a listener for signals failed');
    }
  }

  /** On a connection that is being made as on one that is up; a broken one's successor hears of every channel anyway. */
  function order(verb: 'LISTEN' | 'UNLISTEN', channel: string): void {
    if (closed || !connection) return;
    const { client } = connection;
    ordered = ordered
      .then(() => client.query(`${verb} ${client.escapeIdentifier(channel)}`))
      .catch((error: unknown) => logger.debug({ err: error, channel }, 'a channel was not heard'));
  }

  /** One connection's life. @returns true when it was up */
  async function listen(): Promise<boolean> {
    let up = false;
    try {
      connection = await connect();
      const { client } = connection;
      const broken = new Promise<void>((resolve) => {
        client.on('error', (error) => {
          logger.debug({ err: error }, 'the connection for signals broke');
          resolve();
        });
        client.on('end', () => resolve());
      });
      client.on('notification', ({ payload }) => hear(payload));
      const opening = client
        .query([EVERYONE, ...joined.keys()].map((channel) => `LISTEN ${client.escapeIdentifier(channel)}`).join('; '))
        .then(() => onConnected?.(client));
      ordered = opening.catch(() => undefined);
      await Promise.race([opening, broken.then(() => Promise.reject(new Error('the connection broke')))]);
      up = true;
      for (const set of [...listeners.values()]) for (const listener of [...set]) call(listener);
      await Promise.race([broken, stopped]);
    } catch (error) {
      logger.debug({ err: error }, 'no connection for signals');
    }
    if (!closed) onLost?.();
    // One that nobody answers on any more must not hold up the next.
    await Promise.race([connection?.close().catch(() => undefined), pause(CLOSE_MS)]);
    connection = null;
    return up;
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!closed) {
      failures = (await listen()) ? 0 : failures + 1;
      if (!closed) await Promise.race([pause(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0), stopped]);
    }
  }

  const running = run();
  return {
    join(agentId) {
      const channel = `${EVERYONE}_${agentId}`;
      joined.set(channel, (joined.get(channel) ?? 0) + 1);
      if (joined.get(channel) === 1) order('LISTEN', channel);
      return () => {
        const left = (joined.get(channel) ?? 1) - 1;
        if (left > 0) return void joined.set(channel, left);
        joined.delete(channel);
        order('UNLISTEN', channel);
      };
    },
    on: (topic, listener) => add(listeners, topic, listener),
    onPrefix: (prefix, listener) => add(prefixes, prefix, listener),
    async close() {
      closed = true;
      stop();
      await Promise.race([running, pause(2 * CLOSE_MS)]);
    },
  };
}

function add<T>(map: Map<string, Set<T>>, key: string, listener: T): () => void {
  const set = map.get(key) ?? new Set<T>();
  map.set(key, set.add(listener));
  return () => {
    set.delete(listener);
    if (set.size === 0 && map.get(key) === set) map.delete(key);
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
