import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import * as z from 'zod';
import type { PriceBook } from '../accountability/prices/price-book.js';
import type { Receiver } from '../accountability/receiver/start-receiver.js';
import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import { receiverFile } from '../receiver-address.js';
import type { Metrics } from '../telemetry/metric-types.js';

const settingSchema = z.object({ port: z.int().min(1).max(65_535) });

export interface ReceiverDeps {
  pool: Pool;
  book: PriceBook;
  metrics: Pick<Metrics, 'recordUsage'>;
  /** Called when entries were written. */
  onRecorded(): void;
  logger: Logger;
}

/**
 * Starts the receiver of the clients' telemetry in a process of the user's machine, if the user has switched it on: by
 * `popstash init --measure-costs`, or by POPSTASH_RECEIVER_PORT (0 switches it off).
 * @returns null when it is off
 */
export async function openReceiver(
  config: Pick<Config, 'dataDir' | 'receiverPort'>,
  { pool, book, metrics, onRecorded, logger }: ReceiverDeps,
): Promise<Receiver | null> {
  const port = config.receiverPort ?? (await readPort(config.dataDir));
  if (!port) return null;
  const [{ startReceiver }, { recordUsage }, { createFolderLocator }] = await Promise.all([
    import('../accountability/receiver/start-receiver.js'),
    import('../accountability/ledger/record-usage.js'),
    import('../accountability/reader/locate-folder.js'),
  ]);
  return await startReceiver({
    port,
    logger,
    async record(records) {
      await recordUsage(pool, { book, locateFolder: createFolderLocator(), metrics }, records);
      onRecorded();
    },
  });
}

/** @returns null without a readable setting */
async function readPort(dataDir: string): Promise<number | null> {
  try {
    return settingSchema.parse(JSON.parse(await readFile(receiverFile(dataDir), 'utf8'))).port;
  } catch {
    return null;
  }
}
