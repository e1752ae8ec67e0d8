import type { ConnectionOptions } from 'bullmq';
import type { Pool } from 'pg';
import { withTimeout } from '../async/with-timeout.js';
import { runQueueMigrations } from './backend.js';
import type { QueueConnection } from './connection-types.js';

/** The pool is the caller's and stays open; the schema `bullmq` is created when it is missing. */
export function connectPostgres(pool: Pool): QueueConnection {
  let migrated = false;
  const listeners: (() => void)[] = [];
  return {
    queueConnection: pool as unknown as ConnectionOptions,
    isConnected: () => migrated,
    probe: async (timeoutMs) => {
      if (migrated) {
        await withTimeout(pool.query('SELECT 1'), timeoutMs);
        return;
      }
      await runQueueMigrations(pool);
      migrated = true;
      for (const listener of listeners) listener();
    },
    eventCursor: () => Promise.resolve(undefined),
    onConnect: (listener) => void listeners.push(listener),
    close: () => Promise.resolve(),
  };
}
