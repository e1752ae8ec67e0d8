/** Pause before the next attempt to connect, in ms: short at first, bounded so that a returning Redis is noticed soon. */
const retryDelay = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 10), 1_000);

const common = {
  connectTimeout: 5_000,
  keepAlive: 10_000,
  retryStrategy: retryDelay,
  // A socket that doesn't close politely (a stopped Redis) is destroyed after this long.
  disconnectTimeout: 500,
};

/** Giving a job fails at once while Redis is away: nothing is queued in this process's memory, nothing is sent again. */
export const producerOptions = {
  ...common,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
};

/** A consumer waits for Redis for any time (BullMQ demands `maxRetriesPerRequest: null`). */
export const consumerOptions = { ...common, maxRetriesPerRequest: null };
