import pg, { type PoolConfig } from 'pg';
import { LIMITS } from '../../config.js';
import type { PgliteBackend } from './pglite-backend.js';
import { PgliteSocket } from './pglite-socket.js';
import { createStatements, type Statements } from './pglite-statements.js';
import {
  type ClientKind,
  createSessionScheduler,
  type SessionLimits,
  type SessionScheduler,
} from './session-scheduler.js';

/**
 * A statement can't be cancelled while it runs (WebAssembly has no signals), so what is bounded is everything around it: its
 * client is answered, those who wait are answered, and at last the process that holds the database ends.
 */
const SESSION_LIMITS: SessionLimits = {
  // A first start without the prebuilt folder takes 5 to 10 s on a busy machine.
  openingMs: 20_000,
  waitMs: 2 * LIMITS.databaseTimeoutMs,
  // Jobs go on also under a flood of calls.
  yieldsMs: 50,
  idleTransactionMs: LIMITS.databaseTimeoutMs,
  // A server gives a statement databaseTimeoutMs; WebAssembly takes up to twice as long.
  statementMs: 2 * LIMITS.databaseTimeoutMs,
  stuckMs: 15_000,
};

export interface PglitePoolOptions {
  /** The database is beyond use: only a new process can open it again. */
  onFatal?: (error: Error) => void;
  limits?: Partial<SessionLimits>;
}

/**
 * `pg.Pool` over PGlite: same results, types, errors, LISTEN and transactions as on a server, since `pg` itself speaks
 * the protocol to it. All clients share one session, one request at a time; a transaction keeps the session. Settings
 * (SET) are therefore shared, advisory locks never block, and a transaction must not wait for another client's statement.
 * Prepared statements are the session's too: each is planned once for all clients. Statements wait for a database that is
 * still opening.
 */
export class PglitePool extends pg.Pool {
  readonly #scheduler: SessionScheduler;
  readonly #statements: Statements;

  /** @param database rejects when it can't be opened; every statement then fails with that (SQLSTATE 57P02). */
  constructor(database: Promise<PgliteBackend>, options: PglitePoolOptions = {}) {
    const onFatal = options.onFatal ?? (() => undefined);
    const scheduler = createSessionScheduler({ ...SESSION_LIMITS, ...options.limits }, onFatal);
    database.then(
      (opened) => scheduler.open(opened.run),
      (error: unknown) => scheduler.fail(error instanceof Error ? error : new Error(String(error))),
    );
    const statements = createStatements();
    super(configure(scheduler, statements, 'call'));
    this.#scheduler = scheduler;
    this.#statements = statements;
    prepare(this);
  }

  /** Another pool on the same session, for statements that may take long: reports, checks of all that is stored. */
  openPatient(): pg.Pool {
    return this.#open('patient');
  }

  /** Another pool on the same session, for jobs: statements of the other pools go before its own. */
  openBackground(): pg.Pool {
    return this.#open('background');
  }

  #open(kind: ClientKind): pg.Pool {
    const pool = new pg.Pool(configure(this.#scheduler, this.#statements, kind));
    prepare(pool);
    return pool;
  }
}

function configure(scheduler: SessionScheduler, statements: Statements, kind: ClientKind): PoolConfig {
  return {
    // Clients cost a few kilobytes; BullMQ keeps one for each queue and worker to LISTEN with.
    max: 64,
    idleTimeoutMillis: 0,
    stream: () => new PgliteSocket(scheduler, statements, kind),
    // Explicit, or the PG… variables of the user's shell would be obeyed.
    host: 'embedded',
    port: 5432,
    user: 'postgres',
    database: 'postgres',
    password: '',
    ssl: false,
  };
}

function prepare(pool: pg.Pool): void {
  // Each queue and worker of BullMQ listens for errors.
  pool.setMaxListeners(0);
  pool.on('release', (_error, client) => socketOf(client).rollBack());
}

function socketOf(client: unknown): PgliteSocket {
  return (client as { connection: { stream: PgliteSocket } }).connection.stream;
}
