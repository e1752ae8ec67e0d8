import { describe, expect, test } from 'vitest';
import { readRedisUrl } from '../../src/queue/read-redis-url.js';

const sentinel = (options: object) => ({ kind: 'sentinel', options });
const TLS = { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true };

describe('readRedisUrl', () => {
  test.each(['redis://h', 'redis://:p@h:6380/2', 'rediss://u:p@[::1]:6379', 'REDIS://h?family=6'])(
    'leaves one Redis to ioredis: %s',
    (url) => expect(readRedisUrl(url)).toEqual({ kind: 'single', url }),
  );

  test.each([
    ['redis+sentinel://a/m', { sentinels: [{ host: 'a', port: 26379 }], name: 'm' }],
    [
      'redis+sentinel://u:p%40%2F@a:1,b,[::1]:3/my%20jobs/4',
      {
        sentinels: [
          { host: 'a', port: 1 },
          { host: 'b', port: 26379 },
          { host: '::1', port: 3 },
        ],
        name: 'my jobs',
        username: 'u',
        password: 'p@/',
        db: 4,
      },
    ],
    ['redis+sentinel://:p@w@a/m', { sentinels: [{ host: 'a', port: 26379 }], name: 'm', password: 'p@w' }],
    [
      'redis+sentinel://a/m?sentinel_username=s&sentinel_password=q%26',
      { sentinels: [{ host: 'a', port: 26379 }], name: 'm', sentinelUsername: 's', sentinelPassword: 'q&' },
    ],
    ['rediss+sentinel://a/m', { sentinels: [{ host: 'a', port: 26379 }], name: 'm', ...TLS }],
  ])('reads Sentinels: %s', (url, options) => expect(readRedisUrl(url)).toEqual(sentinel(options)));

  test.each([
    'redis+sentinel://:Secret1@a:1',
    'redis+sentinel://:Secret1@a:1/',
    'redis+sentinel://:Secret1@/m',
    'redis+sentinel://:Secret1@a:1,/m',
    'redis+sentinel://:Secret1@a:99999/m',
    'redis+sentinel://:Secret1@a:1/m/x',
    'redis+sentinel://:Secret1@a:1/m/1/2',
    'redis+sentinel://:Secret1@a:1/%zz',
    'redis+sentinel://:Secret1%zz@a:1/m',
    'redis+sentinel://a:1/m?password=Secret1',
    'redis://:Secret1@a:1,b:2/0',
    'redis-sentinel://:Secret1@a:1/m',
    'http://:Secret1@a:1',
    'Secret1',
  ])('says the right forms, and nothing of the URL: %s', (url) => {
    const read = () => readRedisUrl(url);
    expect(read).toThrow(expect.objectContaining({ code: 'invalid_argument', cause: undefined }));
    expect(read).toThrow(/^should be redis:.*redis\+sentinel:/);
    expect(read).not.toThrow(/Secret1/);
  });

  test.each(['redis+cluster://a:1,b:2', 'rediss+cluster://a'])('says that Cluster is not supported: %s', (url) => {
    expect(() => readRedisUrl(url)).toThrow(/^Redis Cluster is not supported.*redis\+sentinel:/);
  });
});
