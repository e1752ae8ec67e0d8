import pg, { type Client, type ClientBase } from 'pg';
import { admitConnection, type ServerFacts } from './admit-connection.js';
import type { DatabaseHosts } from './database-hosts.js';
import { isPooled, refuseTransactionPooler } from './refuse-pooler.js';
import type { SessionSettings } from './session-settings.js';

export interface Preparation {
  hosts: DatabaseHosts;
  settings: SessionSettings;
  timeoutMs: number;
  /** What an earlier connection to the same place has shown. */
  known: KnownPlace | undefined;
}

/** What is the same for all connections to a place. */
export type KnownPlace = Pick<ServerFacts, 'extendsPath'>;

/**
 * Makes a new connection ready for use.
 * @throws AppError when the server, or what stands before it, can't be worked with
 */
export async function prepareConnection(
  client: ClientBase,
  { hosts, settings, timeoutMs, known }: Preparation,
): Promise<KnownPlace> {
  const { pid, extendsPath } = await admitConnection(client, settings, timeoutMs, known?.extendsPath);
  if (!known && isPooled(client, pid)) {
    await refuseTransactionPooler(client, () => connectTo(hosts.current(), { timeoutMs }));
  }
  return { extendsPath };
}

export interface ConnectOptions {
  timeoutMs: number;
  applicationName?: string;
  /** ms of silence after which the system asks whether the other end is there. */
  keepAliveMs?: number;
}

/** A connection outside any pool, not made ready yet. The caller ends it. */
export async function connectTo(
  connectionString: string,
  { timeoutMs, applicationName = 'popstash-look', keepAliveMs }: ConnectOptions,
): Promise<Client> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: timeoutMs,
    application_name: applicationName,
    ...(keepAliveMs !== undefined && { keepAlive: true, keepAliveInitialDelayMillis: keepAliveMs }),
  });
  // Until somebody listens for it, an error would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
}
