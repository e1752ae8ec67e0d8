import type { Pool } from 'pg';
import { repeat } from '../../async/repeat.js';
import { recordLogPosition } from '../../data-folder/store/written-log.js';
import type { Logger } from '../../logger.js';

/** Between two looks, in ms: what was written later than the last one is not known to be missing. */
const CHECK_MS = 2_000;

/** Records again and again how far the log of the embedded database is on the disk, so that one that was cut is found. */
export function startLogRecord(pool: Pool, folder: string, logger: Logger): { stop(): Promise<void> } {
  let recorded = '';
  const loop = repeat(
    async () => {
      const { rows } = await pool.query<{ position: string }>({
        name: 'log_position',
        text: 'SELECT pg_current_wal_flush_lsn()::text AS position',
      });
      const position = rows[0]?.position ?? '';
      if (position !== recorded) await recordLogPosition(folder, position);
      recorded = position;
      return CHECK_MS;
    },
    (error) => {
      logger.debug({ err: error }, 'the position of the log was not recorded');
      return CHECK_MS;
    },
  );
  return { stop: loop.stop };
}
