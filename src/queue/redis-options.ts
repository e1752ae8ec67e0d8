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

/** Sentinels are asked again when none answered; one that is silent is left for the next after this long, in ms. */
export const sentinelOptions = { sentinelRetryStrategy: retryDelay, sentinelCommandTimeout: 1_000 };

/**
 * A consumer whose Redis gives no answer for this long, in ms, connects again: the Sentinels may name another master, while
 * the sockets to a host that is gone stay open for minutes. Longer than BullMQ blocks, which is 10 s (its `blockingTimeout`).
 */
export const MAX_SILENCE_MS = 15_000;
