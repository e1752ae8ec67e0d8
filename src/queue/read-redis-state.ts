import { createRedis } from './create-redis.js';

export interface RedisState {
  /** A node of Redis Cluster, which gives most keys to others. */
  isCluster: boolean;
  /** What Redis does when its memory is full. */
  policy: string;
  usedBytes: number;
  /** 0: no limit. */
  maxBytes: number;
  /** Why it takes no writes: its memory is full, it is a replica, the user may not. */
  writeError?: string;
}

/** A key that is written to see whether keys can be; it ends by itself. */
const PROBE_KEY = 'popstash:doctor';
const PROBE_SECONDS = 10;

/** Asks Redis for its memory, and whether it takes writes, on a connection of its own. @throws Error when it does not answer in time */
export async function readRedisState(url: string, timeoutMs: number): Promise<RedisState> {
  const client = await createRedis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
  });
  let refused: Error | undefined;
  let ofSentinel: Error | undefined;
  client.on('sentinelError', (error: Error) => {
    ofSentinel = error;
  });
  client.on('error', (error: Error) => {
    // That all Sentinels failed does not say how: they may answer and know no master of this name.
    refused = error.message.startsWith('All sentinels') ? (ofSentinel ?? error) : error;
  });
  try {
    await client.connect();
    const info = new Map(
      (await client.info()).split('\r\n').map((line): [string, string] => {
        const at = line.indexOf(':');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
    );
    const writeError = await client.set(PROBE_KEY, '1', 'EX', PROBE_SECONDS).then(
      () => undefined,
      (error: Error) => error.message,
    );
    return {
      ...(writeError !== undefined && { writeError }),
      isCluster: info.get('cluster_enabled') === '1',
      policy: info.get('maxmemory_policy') ?? 'unknown',
      usedBytes: Number(info.get('used_memory') ?? 0),
      maxBytes: Number(info.get('maxmemory') ?? 0),
    };
  } catch (error) {
    // "Connection is closed." says less than why.
    throw refused ?? error;
  } finally {
    client.disconnect();
  }
}
