import pg, { type ClientBase, type PoolClient, type PoolConfig } from 'pg';
import { isHostAway } from '../faults/translate-error.js';
import type { DatabaseHosts } from './database-hosts.js';
import { createGenerations, type Generations } from './generations.js';
import { type KnownPlace, prepareConnection } from './prepare-connection.js';
import type { SessionSettings } from './session-settings.js';

export interface ServerPoolOptions extends Omit<PoolConfig, 'connectionString' | 'onConnect'> {
  hosts: DatabaseHosts;
  settings: SessionSettings;
  /** ms for making a connection, and as many for each statement that makes it ready. */
  connectionTimeoutMillis: number;
  /** A last look, at the first connection: whether this database is the one for this code. */
  inspect?: ((client: ClientBase) => Promise<void>) | undefined;
}

type Connected = (error: Error | undefined, client: PoolClient | undefined, release: (error?: unknown) => void) => void;

/** A call tries another host only while it has waited for less than this many times the time-out of a connection. */
const PATIENCE = 1.25;

/**
 * A pool of connections to the primary of a DATABASE_URL with one host or several. Each new connection is made ready and
 * looked at. When a host is away or takes no writes, the next one is tried; once a connection has met a server without
 * writes or without answers, those that were made before are not used again.
 */
export class ServerPool extends pg.Pool {
  readonly #hosts: DatabaseHosts;
  readonly #generations: Generations;
  readonly #patienceMs: number;

  constructor({ hosts, settings, inspect, ...config }: ServerPoolOptions) {
    const timeoutMs = config.connectionTimeoutMillis;
    const generations = createGenerations();
    let known: KnownPlace | undefined;
    super({
      ...config,
      Client: chooseHosts(hosts),
      onConnect: async (client) => {
        generations.add(client);
        const place = await prepareConnection(client, { hosts, settings, timeoutMs, known });
        if (!known) await inspect?.(client);
        known = place;
      },
    });
    this.#hosts = hosts;
    this.#generations = generations;
    this.#patienceMs = timeoutMs * PATIENCE;
    // The server ends a statement sooner than that: it has stopped answering.
    this.on('release', (error) => {
      if (error?.message === 'Query read timeout') generations.endAll();
    });
  }

  override connect(): Promise<PoolClient>;
  override connect(done: Connected): void;
  override connect(done?: Connected): Promise<PoolClient> | undefined {
    const until = performance.now() + this.#patienceMs;
    if (done) {
      this.#take(done, until, 1);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#take((error, client) => (client ? resolve(client) : reject(error)), until, 1);
    });
  }

  #take(done: Connected, until: number, tries: number): void {
    const host = this.#hosts.current();
    const connected: Connected = (error, client, release) => {
      if (client && !this.#generations.isCurrent(client)) {
        // Its end makes room for a new one.
        release(true);
        this.#take(done, until, tries);
        return;
      }
      const isAway = error !== undefined && isHostAway(error);
      if (isAway) this.#hosts.moveOn(host);
      if (isAway && tries < this.#hosts.count && performance.now() < until) this.#take(done, until, tries + 1);
      else done(error, client, release);
    };
    try {
      super.connect(connected);
    } catch (error) {
      // A file that the URL names can't be read.
      done(error as Error, undefined, () => undefined);
    }
  }
}

/** The class of a pool's clients: each connects to the host that is believed to be the primary when it is made. */
function chooseHosts(hosts: DatabaseHosts): new () => ClientBase {
  class HostClient extends pg.Client {
    constructor(config: PoolConfig) {
      super({ ...config, connectionString: hosts.current() });
    }
  }
  return HostClient as unknown as new () => ClientBase;
}
