import type { ClientBase } from 'pg';
import { createWakeablePause } from '../async/wakeable-pause.js';
import { withTimeout } from '../async/with-timeout.js';
import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';
import { createSignalTopics } from './signal-topics.js';
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
/** After a refusal that only a person can end (a wrong password), in ms: a server logs each try. */
const REFUSED_MS = 5_000;
const CLOSE_MS = 500;
const EVERYONE = 'popstash';

/**
 * Listens on the channel `popstash`, and on those of the agents that joined, on a connection of its own, for as long as
 * the process lives, wherever the database is meanwhile. Returns at once. On every new connection each listener for a
 * single topic is called: it may have missed one.
 */
export function openSignals({ connect, onConnected, onLost, logger }: SignalsOptions): OpenSignals {
  const topics = createSignalTopics(logger);
  const channels = createChannels(logger);
  const retryPause = createWakeablePause({ keepsProcess: false });
  let closed = false;
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });

  let isRefused = false;

  /** One connection's life. @returns true when it was up */
  async function listen(): Promise<boolean> {
    let connection: SignalConnection | null = null;
    let up = false;
    try {
      connection = await connect();
      const { client } = connection;
      const broken = untilBroken(client, logger);
      client.on('notification', ({ payload }) => topics.hear(payload));
      const opening = channels.open(client, onConnected);
      await Promise.race([opening, broken.then(() => Promise.reject(new Error('the connection broke')))]);
      up = true;
      topics.hearMissed();
      await Promise.race([broken, stopped]);
    } catch (error) {
      isRefused = error instanceof AppError && !error.retryable;
      logger.debug({ err: error }, 'no connection for signals');
    }
    channels.close();
    if (!closed) onLost?.();
    // A connection on which nobody answers must not hold up the next one.
    if (connection) await withTimeout(connection.close(), CLOSE_MS).catch(() => undefined);
    return up;
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!closed) {
      isRefused = false;
      failures = (await listen()) ? 0 : failures + 1;
      const pauseMs = isRefused ? REFUSED_MS : (RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0);
      if (!closed) await retryPause.wait(pauseMs);
    }
  }

  const running = run();
  return {
    join: channels.join,
    on: topics.on,
    onPrefix: topics.onPrefix,
    async close() {
      closed = true;
      channels.close();
      stop();
      retryPause.wake();
      await withTimeout(running, 2 * CLOSE_MS).catch(() => undefined);
    },
  };
}

/** The channels that are listened on: everyone's, and one for each agent that joined. */
function createChannels(logger: Logger) {
  const joined = new Map<string, number>();
  let current: ClientBase | null = null;
  // One after the other: a client runs one statement at a time.
  let ordered: Promise<unknown> = Promise.resolve();

  /** On a connection that is being made as on one that is up; a broken one's successor hears of every channel anyway. */
  function order(verb: 'LISTEN' | 'UNLISTEN', channel: string): void {
    const client = current;
    if (!client) return;
    ordered = ordered
      .then(() => client.query(`${verb} ${client.escapeIdentifier(channel)}`))
      .catch((error: unknown) => logger.debug({ err: error, channel }, 'a channel was not heard'));
  }

  return {
    /** Listens on all channels of now, does `next`, and follows those who join and leave from then on. */
    async open(client: ClientBase, next?: (client: ClientBase) => Promise<void>): Promise<void> {
      current = client;
      const names = [EVERYONE, ...joined.keys()];
      const opening = client
        .query(names.map((channel) => `LISTEN ${client.escapeIdentifier(channel)}`).join('; '))
        .then(() => next?.(client));
      ordered = opening.catch(() => undefined);
      await opening;
    },
    close(): void {
      current = null;
    },
    join(agentId: string): () => void {
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
  };
}

function untilBroken(client: ClientBase, logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    client.on('error', (error) => {
      logger.debug({ err: error }, 'the connection for signals broke');
      resolve();
    });
    client.on('end', () => resolve());
  });
}
