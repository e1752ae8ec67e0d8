import { withTimeout } from '../async/with-timeout.js';
import type { Logger } from '../logger.js';
import type { QueueConnection } from './connection-types.js';
import { producerOptions } from './redis-options.js';

/** A question without an answer for this long, in ms, means a dead connection: it is made anew. */
const SILENCE_MS = 10_000;

/** A connection of its own that reconnects for ever and keeps no command while it is away. */
export async function connectRedis(url: string, logger: Logger): Promise<QueueConnection> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, producerOptions);
  let quiet = false;
  let question: { answer: Promise<unknown>; since: number } | undefined;
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
      // One question at a time: a stopped Redis must not collect them in this process's memory.
      if (!question) {
        const asked = { answer: client.ping(), since: Date.now() };
        const forget = () => {
          if (question === asked) question = undefined;
        };
        asked.answer.then(forget, forget);
        question = asked;
      } else if (Date.now() - question.since > SILENCE_MS) client.disconnect(true);
      await withTimeout(question.answer, timeoutMs);
    },
    // Ids of a stream's entries begin with Redis's own clock.
    eventCursor: async () => {
      const [seconds, microseconds] = await client.time();
      return `${Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)}-0`;
    },
    onConnect: (listener) => client.on('ready', listener),
    close: () => {
      // A connection that is given up on its way fails by that, not by Redis.
      quiet = true;
      client.disconnect();
      return Promise.resolve();
    },
  };
}
