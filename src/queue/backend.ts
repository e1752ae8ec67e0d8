import type { Pool } from 'pg';
import type { Config } from '../config.js';
import { createPool } from '../db/pool.js';
import type { Logger } from '../logger.js';

/** Where jobs live: Redis, or the schema `bullmq` of a PostgreSQL database (PGlite included). */
export type QueueBackend = RedisBackend | PostgresBackend;

export interface RedisBackend {
  kind: 'redis';
  /** One Redis, or Sentinels: read-redis-url.ts has the forms. */
  url: string;
}

export interface PostgresBackend {
  kind: 'postgres';
  /** Its search_path contains `bullmq`. Each consumer and each listener keeps one connection of it. */
  pool: Pool;
}

export interface OpenBackend {
  backend: QueueBackend;
  close(): Promise<void>;
}

/** Most connections of a queue pool: two consumers' and a listener's LISTEN, and a few for statements. */
const QUEUE_POOL_SIZE = 8;

/**
 * The backend of server mode: Redis when REDIS_URL is set, else a pool of its own on DATABASE_URL, connected on first
 * use. The embedded server passes `{kind: 'postgres', pool}` with its own pool instead.
 */
export async function openBackend(
  config: Pick<Config, 'databaseUrl' | 'redisUrl'>,
  logger: Logger,
): Promise<OpenBackend> {
  if (config.redisUrl) return { backend: { kind: 'redis', url: config.redisUrl }, close: () => Promise.resolve() };
  const pool = createPool({
    connectionString: config.databaseUrl ?? '',
    size: QUEUE_POOL_SIZE,
    settings: { search_path: 'bullmq, public' },
    statementTimeoutMs: 0,
    logger,
    brokenLevel: 'debug',
    applicationName: 'popstash-queue',
  });
  // Every queue, consumer and listener of BullMQ listens for the errors of its pool.
  pool.setMaxListeners(0);
  return { backend: { kind: 'postgres', pool }, close: () => pool.end() };
}

/**
 * Brings the schema `bullmq` up to date: one read when it is already, else BullMQ's own migrations in one transaction
 * under its advisory lock. Safe to call from many processes at once.
 */
export async function runQueueMigrations(pool: Pool): Promise<void> {
  const { assertSchemaCompatibility, LATEST_SCHEMA_VERSION, runMigrations, SchemaMigrationRequiredError } =
    await import('bullmq');
  const client = await pool.connect();
  try {
    const version = await assertSchemaCompatibility(client).catch((error: unknown) => {
      if (error instanceof SchemaMigrationRequiredError) return 0;
      throw error;
    });
    if (version < LATEST_SCHEMA_VERSION) await runMigrations(client);
  } finally {
    client.release();
  }
}
