import type { BackendClasses, ConnectionOptions, RedisQueueBackend } from 'bullmq';
import type { QueueBackend } from './backend.js';
import { readRedisUrl } from './read-redis-url.js';
import { consumerOptions, MAX_SILENCE_MS, sentinelOptions } from './redis-options.js';

export type Bull = BackendClasses<RedisQueueBackend, ConnectionOptions>;

/**
 * BullMQ's classes for a backend, loaded on first use: about 100 ms that no start-up should pay.
 * The PostgreSQL backend gets the Redis backend's type, so that one code serves both: what differs is not used.
 */
export async function loadBull(backend: QueueBackend): Promise<Bull> {
  const { createPostgresBackend, createRedisBackend, withBackend } = await import('bullmq');
  if (backend.kind === 'redis') return withBackend(createRedisBackend);
  return withBackend(createPostgresBackend as unknown as typeof createRedisBackend);
}

/** Connection options for consumers and listeners, which wait for their backend for any time; each makes its own. */
export function patientConnection(backend: QueueBackend): ConnectionOptions {
  if (backend.kind === 'postgres') return backend.pool as unknown as ConnectionOptions;
  const address = readRedisUrl(backend.url);
  if (address.kind === 'single') return { url: address.url, ...consumerOptions };
  return { ...sentinelOptions, ...address.options, ...consumerOptions, socketTimeout: MAX_SILENCE_MS };
}
