import type { Pool } from 'pg';
import { inTransaction } from '../db/in-transaction.js';
import { createProjectStore } from './project-repository.js';

const WRITTEN = ['agents', 'activities', 'stashes', 'insights', 'decisions', 'locks', 'usage_entries', 'usage_changes'];

/**
 * Moves what a process wrote under the id of a project that had just been moved to another one. Idempotent.
 * @throws the database's error
 */
export async function moveLateRows(pool: Pool): Promise<void> {
  const isWritten = WRITTEN.map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE project_id = p.id)`).join(' OR ');
  const { rows } = await pool.query<{ id: string; into: string }>(
    `SELECT p.id, p.merged_into AS into FROM projects p WHERE p.merged_into IS NOT NULL AND (${isWritten}) ORDER BY p.id`,
  );
  for (const { id, into } of rows) {
    await inTransaction(pool, async (client) => {
      const store = createProjectStore(client);
      await store.lock();
      await store.move(id, into);
    });
  }
}
