import { withTimeout } from '../async/with-timeout.js';
import type { Logger } from '../logger.js';
import type { QueueConnection } from './connection-types.js';
import { createRedis } from './create-redis.js';
import { producerOptions } from './redis-options.js';

/** A PING without an answer for this long, in ms, means a dead connection, which is then replaced. */
const SILENCE_MS = 10_000;

/** A connection of its own that reconnects for ever and keeps no command while Redis is away. */
export async function connectRedis(url: string, logger: Logger): Promise<QueueConnection> {
  const client = await createRedis(url, producerOptions);
  let quiet = false;
  let ping: { answer: Promise<unknown>; since: number } | undefined;
  client.on('error', (error: Error) => {
    if (!quiet) logger.warn({ err: error }, 'Redis is away: jobs wait in the database');
    quiet = true;
  });
  client.on('ready', () => {
    quiet = false;
  });
  return {
    queueConnection: client,
    isConnected: () => client.status === 'ready',
    probe: async (timeoutMs) => {
      // One PING at a time: they must not pile up in this process's memory while Redis is stopped.
      if (!ping) {
        const sent = { answer: client.ping(), since: Date.now() };
        const forget = () => {
          if (ping === sent) ping = undefined;
        };
        sent.answer.then(forget, forget);
        ping = sent;
      } else if (Date.now() - ping.since > SILENCE_MS) client.disconnect(true);
      await withTimeout(ping.answer, timeoutMs);
    },
    // Ids of a stream's entries begin with Redis's own clock.
    eventCursor: async () => {
      const [seconds, microseconds] = await client.time();
      return `${Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)}-0`;
    },
    onConnect: (listener) => client.on('ready', listener),
    close: () => {
      // A connection that is closed while it is being made fails because of that, not because of Redis.
      quiet = true;
      client.disconnect();
      return Promise.resolve();
    },
  };
}
