import type { Redis, RedisOptions } from 'ioredis';
import { readRedisUrl } from './read-redis-url.js';
import { sentinelOptions } from './redis-options.js';

/** A client of the Redis that REDIS_URL names: of a Sentinels' master, whichever server that is at each connection. */
export async function createRedis(url: string, options: Omit<RedisOptions, 'replyMapping'>): Promise<Redis> {
  const { Redis } = await import('ioredis');
  const address = readRedisUrl(url);
  if (address.kind === 'single') return new Redis(address.url, options);
  return new Redis({ ...sentinelOptions, ...address.options, ...options });
}
