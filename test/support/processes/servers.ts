// Servers of a test's own, which it may kill, stop or empty; the run's shared ones are in services.ts.
import {
  type PostgresServer,
  startPostgres as startPostgresServer,
} from '../../../scripts/services/start-postgres.mjs';
import { type RedisServer, startRedis as startRedisServer } from '../../../scripts/services/start-redis.mjs';
import { closeAtFileEnd } from '../setup/resources.js';
import { testServices } from '../setup/services.js';

/**
 * A Redis of this test's own; closed at the file's end.
 * @param options.started false leaves it absent, on a port that is kept for it, until `start()`
 * @param options.flags more of redis-server's
 */
export async function startRedis(options: { started?: boolean; flags?: string[] } = {}): Promise<RedisServer> {
  const redis = await startRedisServer(testServices().runtime, options);
  closeAtFileEnd('redis', redis.close);
  return redis;
}

/** A PostgreSQL cluster of this test's own, empty; closed at the file's end. @param options.under its files are in there */
export async function startPostgres(options: { under?: string } = {}): Promise<PostgresServer> {
  const postgres = await startPostgresServer(testServices().runtime, options);
  closeAtFileEnd('postgres', postgres.close);
  return postgres;
}
