import type { Pool } from 'pg';
import type { Signals } from '../../../src/db/signal-types.js';

/** Signals over one client of a pool. */
export async function createPoolSignals(pool: Pool): Promise<Signals & { close(): Promise<void> }> {
  const listeners = new Set<(topic: string) => void>();
  const client = await pool.connect();
  client.on('notification', ({ payload }) => {
    for (const listener of listeners) listener(payload ?? '');
  });
  await client.query('LISTEN popstash');
  let ordered: Promise<unknown> = Promise.resolve();
  const join = (agentId: string) => {
    ordered = ordered.then(() => client.query(`LISTEN ${client.escapeIdentifier(`popstash_${agentId}`)}`));
    return () => undefined;
  };
  const add = (listener: (topic: string) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    join,
    on: (wanted, listener) => add((topic) => topic === wanted && listener()),
    onPrefix: (prefix, listener) => add((topic) => topic.startsWith(prefix) && listener(topic.slice(prefix.length))),
    close: async () => client.release(true),
  };
}
