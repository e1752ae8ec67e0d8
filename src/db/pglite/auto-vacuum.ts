import type { Pool } from 'pg';
import { repeat } from '../../async/repeat.js';
import type { Logger } from '../../logger.js';
import { vacuumTables } from './vacuum-tables.js';

/** Between two checks of what has changed, in ms; the first comes soon, for what the last process left. */
const CHECK_MS = 15_000;
const FIRST_CHECK_MS = 3_000;

/** Does for the embedded database what autovacuum does on a server, until it is closed. */
export function startAutoVacuum(pool: Pool, logger: Logger): { close(): Promise<void> } {
  let first = true;
  const loop = repeat(
    async () => {
      if (first) {
        first = false;
        return FIRST_CHECK_MS;
      }
      const started = performance.now();
      const tables = await vacuumTables(pool);
      if (tables.length > 0) logger.debug({ tables, ms: performance.now() - started }, 'tables vacuumed or analyzed');
      return CHECK_MS;
    },
    (error) => {
      logger.warn({ err: error }, 'tables could not be vacuumed');
      return CHECK_MS;
    },
  );
  return { close: () => loop.stop() };
}
