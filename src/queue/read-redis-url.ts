import type { RedisOptions } from 'ioredis';
import { AppError } from '../errors.js';

/** Where REDIS_URL points: one Redis, by ioredis's own reading of the URL, or the master that Sentinels name. */
export type RedisAddress =
  | { kind: 'single'; url: string }
  | {
      kind: 'sentinel';
      options: Pick<
        RedisOptions,
        | 'sentinels'
        | 'name'
        | 'username'
        | 'password'
        | 'db'
        | 'sentinelUsername'
        | 'sentinelPassword'
        | 'tls'
        | 'sentinelTLS'
        | 'enableTLSForSentinelMode'
      >;
    };

const SENTINEL_PORT = 26_379;
/**
 * scheme+sentinel://[user:password@]host[:port][,host…]/master[/db][?sentinel_username=…&sentinel_password=…]: the form of
 * Prefect, LangChain, RedisVL and redis-sentinel-url. No URL of RFC 3986, which has one host.
 */
const SENTINEL_URL =
  /^(?<scheme>rediss?)\+sentinel:\/\/(?:(?<user>[^/]*)@)?(?<hosts>[^/@?]+)\/(?<name>[^/?]+)(?:\/(?<db>\d{1,5}))?(?:\?(?<query>[^?]*))?$/i;
const SINGLE_URL = /^rediss?:\/\/[^\s]+$/i;
const FORMS =
  'redis://[user:password@]host[:6379][/db], or for Sentinel redis+sentinel://[user:password@]host1[:26379],host2[:26379]/master[/db]; rediss for TLS';

/**
 * Reads REDIS_URL. Its text holds passwords, so that no error repeats any of it.
 * @throws AppError `invalid_argument` with the right forms
 */
export function readRedisUrl(url: string): RedisAddress {
  try {
    const sentinel = SENTINEL_URL.exec(url)?.groups;
    if (sentinel) return { kind: 'sentinel', options: sentinelOptions(sentinel) };
    if (SINGLE_URL.test(url) && URL.canParse(url)) return { kind: 'single', url };
  } catch {
    // The cause would repeat a part of the URL.
  }
  throw wrongUrl(url);
}

type Groups = Record<string, string | undefined>;

/** @throws Error when a part of the URL can't be read */
function sentinelOptions({ scheme, user, hosts = '', name = '', db, query }: Groups) {
  const { username, password } = new URL(`redis://${user === undefined ? '' : `${user}@`}host`);
  const parameters = new URLSearchParams(query);
  const sentinelUsername = takeParameter(parameters, 'sentinel_username');
  const sentinelPassword = takeParameter(parameters, 'sentinel_password');
  if (parameters.size > 0) throw new Error('an unknown parameter');
  return {
    sentinels: hosts.split(',').map(readMember),
    name: decodeURIComponent(name),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(db !== undefined && { db: Number(db) }),
    ...(sentinelUsername && { sentinelUsername }),
    ...(sentinelPassword && { sentinelPassword }),
    // The Sentinels and the Redis servers alike.
    ...(scheme?.toLowerCase() === 'rediss' && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
  };
}

function takeParameter(parameters: URLSearchParams, name: string): string | null {
  const value = parameters.get(name);
  parameters.delete(name);
  return value;
}

/** @throws Error when it is no host with or without a port */
function readMember(member: string): { host: string; port: number } {
  const { hostname, port, pathname, search, hash } = new URL(`redis://${member}`);
  if (hostname === '' || `${pathname}${search}${hash}` !== '') throw new Error('no host');
  // A URL keeps the brackets of an IPv6 address.
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || SENTINEL_PORT) };
}

function wrongUrl(url: string): AppError {
  const isCluster = /^rediss?\+cluster:/i.test(url);
  const cluster = 'Redis Cluster is not supported, since it would keep all keys of a queue in one slot; it ';
  return new AppError({
    code: 'invalid_argument',
    message: `${isCluster ? cluster : ''}should be ${FORMS}`,
    fix: 'Correct or unset REDIS_URL.',
  });
}
