import type { Pool } from 'pg';
import type { ChangeLog } from './change-log.js';
import type { ProjectCache } from './project-cache.js';
import { readPassages } from './read-passages.js';

/** More changes than these since the last search are not followed one by one. */
const MAX_CHANGES = 1_000;

/**
 * Makes the projects in memory what the rows are now; drops them all when it is not known what has changed.
 * @throws the database's error, with nothing kept in memory
 */
export async function followChanges(pool: Pool, log: ChangeLog, projects: ProjectCache): Promise<void> {
  const ids = await log.take();
  if (ids === null || ids.length > MAX_CHANGES) {
    projects.clear();
    return;
  }
  if (ids.length === 0 || projects.isEmpty()) return;
  try {
    const rows = await readPassages(pool, ids);
    projects.replace(ids, rows);
  } catch (error) {
    // The changes are taken from the log: what is in memory is no longer known to be right.
    projects.clear();
    throw error;
  }
}
