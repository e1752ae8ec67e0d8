import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Receiver, ReceiverOptions } from '../accountability/receiver/start-receiver.js';
import type { Config } from '../config.js';
import { receiverFile } from '../receiver-address.js';

const settingSchema = z.object({ port: z.int().min(1).max(65_535) });

/**
 * Starts the receiver of the clients' telemetry in a process of the user's machine, if the user has switched it on: by
 * `popstash init --measure-costs`, or by POPSTASH_RECEIVER_PORT (0 switches it off).
 * @returns null when it is off
 */
export async function openReceiver(
  config: Pick<Config, 'dataDir' | 'receiverPort'>,
  deps: Omit<ReceiverOptions, 'port'>,
): Promise<Receiver | null> {
  const port = config.receiverPort ?? (await readPort(config.dataDir));
  if (!port) return null;
  const { startReceiver } = await import('../accountability/receiver/start-receiver.js');
  return await startReceiver({ ...deps, port });
}

/** @returns null without a readable setting */
async function readPort(dataDir: string): Promise<number | null> {
  try {
    return settingSchema.parse(JSON.parse(await readFile(receiverFile(dataDir), 'utf8'))).port;
  } catch {
    return null;
  }
}
