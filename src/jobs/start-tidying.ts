import type { Pool } from 'pg';
import { repeat } from '../async/repeat.js';
import { tidyTables } from '../db/tidy-tables.js';
import type { Logger } from '../logger.js';
import type { Work } from './start-embedding-work.js';

/** Between two looks at what has changed, in ms; the first soon after the start, for what the last process left. */
const LOOK_MS = 15_000;
const FIRST_LOOK_MS = 3_000;

/** What autovacuum does on a server, for the embedded database, as long as the process lives. */
export function startTidying(pool: Pool, logger: Logger): Work {
  let first = true;
  const loop = repeat(
    async () => {
      if (first) {
        first = false;
        return FIRST_LOOK_MS;
      }
      const started = performance.now();
      const tables = await tidyTables(pool);
      if (tables.length > 0) logger.debug({ tables, ms: performance.now() - started }, 'tables tidied');
      return LOOK_MS;
    },
    (error) => {
      logger.warn({ err: error }, 'tables could not be tidied');
      return LOOK_MS;
    },
  );
  return { close: () => loop.stop() };
}
