export interface RedisState {
  /** What Redis does when its memory is full. */
  policy: string;
  usedBytes: number;
  /** 0: no limit. */
  maxBytes: number;
}

/** Asks Redis for its memory, on a connection of its own. @throws Error when it does not answer in time */
export async function readRedisState(url: string, timeoutMs: number): Promise<RedisState> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let refused: Error | undefined;
  client.on('error', (error: Error) => {
    refused = error;
  });
  try {
    await client.connect();
    const info = new Map(
      (await client.info('memory')).split('\r\n').map((line): [string, string] => {
        const at = line.indexOf(':');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
    );
    return {
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
