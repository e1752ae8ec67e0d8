import { fsyncSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { vector } from '@electric-sql/pglite-pgvector';
import pg, { type PoolConfig } from 'pg';
import { LIMITS } from '../config.js';
import { PgliteSocket } from './pglite-socket.js';
import { createTurns, type TurnLimits } from './pglite-turns.js';

/**
 * PGlite has one session and no time-outs of its own. A statement can't be cancelled while it runs (WebAssembly has no
 * signals), so what is bounded is everything around it.
 */
const TURN_LIMITS: TurnLimits = { waitMs: 2 * LIMITS.databaseTimeoutMs, idleTransactionMs: LIMITS.databaseTimeoutMs };

/**
 * `pg.Pool` over PGlite: same results, types, errors, LISTEN and transactions as on a server, since `pg` itself speaks
 * the protocol to it. All clients share one session and take turns; a transaction keeps the turn. Settings (SET) are
 * therefore shared, advisory locks never block anybody, and a transaction must not wait for another client's statement.
 * Prepared statements are sent unnamed, since names would clash.
 */
export class PglitePool extends pg.Pool {
  readonly database: PGlite;

  /** @param onFatal is called when the database is beyond use: only a new process can open it again. */
  constructor(database: PGlite, onFatal: (error: Error) => void, limits: Partial<TurnLimits> = {}) {
    const run = (bytes: Buffer): Buffer => {
      const answer = database.execProtocolRawSync(bytes);
      return Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
    };
    const turns = createTurns(run, { ...TURN_LIMITS, ...limits }, onFatal);
    const config: PoolConfig & { Client: typeof pg.Client } = {
      // Clients cost a few kilobytes; BullMQ keeps one for each queue and worker to LISTEN with.
      max: 64,
      idleTimeoutMillis: 0,
      stream: () => new PgliteSocket(turns),
      Client: UnnamedClient,
      // Explicit, or the PG… variables of the user's shell would be obeyed.
      host: 'embedded',
      port: 5432,
      user: 'postgres',
      database: 'postgres',
      password: '',
      ssl: false,
    };
    super(config);
    this.database = database;
    this.on('release', (_error, client) => socketOf(client).settle());
  }
}

class UnnamedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...parameters: unknown[]) => unknown;
    const unnamed = (first: unknown, ...rest: unknown[]): unknown => query(withoutName(first), ...rest);
    this.query = unnamed as typeof this.query;
  }
}

function withoutName(query: unknown): unknown {
  const isNamed = typeof query === 'object' && query !== null && 'name' in query && !('submit' in query);
  return isNamed ? { ...query, name: undefined } : query;
}

function socketOf(client: unknown): PgliteSocket {
  return (client as { connection: { stream: PgliteSocket } }).connection.stream;
}

export interface OpenOptions {
  onFatal?: (error: Error) => void;
}

/**
 * Opens the database in a folder, or makes a new one when there is none. The caller must own the folder: two processes
 * on one folder lose rows silently.
 */
export async function openPglite(dataFolder: string, options: OpenOptions = {}): Promise<PglitePool> {
  const database = await PGlite.create({
    dataDir: dataFolder,
    extensions: { vector, pg_trgm, btree_gin },
    startParams: [
      ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
      // 172 MB of memory instead of 311, and half the time to open.
      ...setting('shared_buffers', '8MB'),
      ...setting('fsync', 'on'),
      ...setting('wal_sync_method', 'fsync'),
      // BullMQ's tables live beside ours and its pool must find them; new tables of ours go to the first schema.
      ...setting('search_path', 'public,bullmq'),
    ],
    // 1 MB instead of 16 MB a segment: a new folder takes 9 MB less to write, and little work keeps it small.
    initDbStartParams: ['--wal-segsize=1'],
  });
  makeSyncReal(database);
  return new PglitePool(
    database,
    options.onFatal ??
      ((error) => {
        throw error;
      }),
  );
}

function setting(name: string, value: string): string[] {
  return ['-c', `${name}=${value}`];
}

interface NodeFileSystem {
  stream_ops: { fsync?: (stream: { nfd?: number }) => number };
}

/**
 * Writes survive kill -9 in any case: PostgreSQL hands its log to the kernel before it acknowledges a commit, and the
 * kernel outlives the process. They would not survive a power failure, and the folder might be torn, since PGlite's
 * file system ignores fsync. So the missing operation is added: about 1 ms a commit on a solid-state disk.
 */
function makeSyncReal(database: PGlite): void {
  const systems = (database.Module.FS as unknown as { filesystems?: { NODEFS?: NodeFileSystem } }).filesystems;
  if (!systems?.NODEFS) return;
  systems.NODEFS.stream_ops.fsync = ({ nfd }) => {
    if (nfd !== undefined) fsyncSync(nfd);
    return 0;
  };
}

/** Ends the pool's clients, then the database, so that the next start needs no recovery. */
export async function closePglite(pool: PglitePool): Promise<void> {
  await pool.end();
  await pool.database.close();
}
