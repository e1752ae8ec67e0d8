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
 * A statement can't be cancelled while it runs (WebAssembly has no signals), so what is bounded is everything around it.
 */
const TURN_LIMITS: TurnLimits = {
  // A first start without the prebuilt folder takes 5 to 10 s on a busy machine.
  openingMs: 20_000,
  waitMs: 2 * LIMITS.databaseTimeoutMs,
  idleTransactionMs: LIMITS.databaseTimeoutMs,
};

export interface PglitePoolOptions {
  /** The database is beyond use: only a new process can open it again. */
  onFatal?: (error: Error) => void;
  limits?: Partial<TurnLimits>;
}

/**
 * `pg.Pool` over PGlite: same results, types, errors, LISTEN and transactions as on a server, since `pg` itself speaks
 * the protocol to it. All clients share one session and take turns; a transaction keeps the turn. Settings (SET) are
 * therefore shared, advisory locks never block anybody, and a transaction must not wait for another client's statement.
 * Prepared statements are sent unnamed, since names would clash. Statements given before the database is open wait.
 */
export class PglitePool extends pg.Pool {
  /** @param database rejects when it can't be opened; every statement then fails with that (SQLSTATE 57P02). */
  constructor(database: Promise<PGlite>, options: PglitePoolOptions = {}) {
    const onFatal = options.onFatal ?? (() => undefined);
    const turns = createTurns({ ...TURN_LIMITS, ...options.limits }, onFatal);
    database.then(
      (opened) => turns.open((bytes) => bufferOf(opened.execProtocolRawSync(bytes))),
      (error: unknown) => turns.fail(error instanceof Error ? error : new Error(String(error))),
    );
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
    this.on('release', (_error, client) => socketOf(client).settle());
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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

/**
 * Opens the database in a folder, or makes a new one when there is none. The caller must own the folder: two processes
 * on one folder lose rows silently.
 */
export async function openPglite(dataFolder: string): Promise<PGlite> {
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
    // Segments of 1 MB instead of 16: a new folder is small and quick to copy.
    initDbStartParams: ['--wal-segsize=1'],
  });
  makeSyncReal(database);
  return database;
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
