import { Duplex } from 'node:stream';
import {
  completeMessage,
  greeting,
  type PreparedStatement,
  type Request,
  readSubscriptions,
  readyMessage,
  takeRequests,
} from './pglite-protocol.js';
import type { Statements } from './pglite-statements.js';
import type { ClientKind, SessionClient, SessionScheduler } from './session-scheduler.js';

let lastProcessId = 0;

/** What `pg` takes for a TCP socket: speaks PostgreSQL's protocol to the one PGlite of this process. */
export class PgliteSocket extends Duplex implements SessionClient {
  readonly #scheduler: SessionScheduler;
  readonly #statements: Statements;
  readonly #names = new Map<string, PreparedStatement>();
  readonly #channels = new Set<string>();
  #input: Buffer = Buffer.alloc(0);
  #greeted = false;

  constructor(
    scheduler: SessionScheduler,
    statements: Statements,
    private readonly kind: ClientKind,
  ) {
    super();
    this.#scheduler = scheduler;
    this.#statements = statements;
  }

  connect(): this {
    this.#scheduler.join(this, this.kind);
    setImmediate(() => this.emit('connect'));
    return this;
  }

  /** Rolls back what its client left open when it went back to the pool. */
  rollBack(): void {
    this.#scheduler.rollBack(this);
  }

  answer(bytes: Buffer, request: Request, failed: boolean): void {
    if (!failed) this.#followSubscriptions(request);
    this.push(bytes);
  }

  notify(channel: string, bytes: Buffer): void {
    if (this.#channels.has(channel)) this.push(bytes);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    if (!this.#greeted) this.#greet();
    const { requests, rest, terminated } = takeRequests(this.#input);
    // A copy: `pg` writes from one buffer that it reuses.
    this.#input = Buffer.from(rest);
    for (const { bytes, texts } of requests) {
      this.#ask({ texts, ...this.#statements.rename(Buffer.from(bytes), this.#names) });
    }
    if (terminated) this.#scheduler.leave(this);
    done();
  }

  override _read(): void {
    // Answers are pushed as they come; a client that asked for them holds them anyway.
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#scheduler.leave(this);
    this.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#scheduler.leave(this);
    done(error);
  }

  // What `pg` calls on a TCP socket and what means nothing here.
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  #greet(): void {
    // The first packet has a length and no code.
    if (this.#input.length < 4 || this.#input.length < this.#input.readUInt32BE(0)) return;
    this.#input = this.#input.subarray(this.#input.readUInt32BE(0));
    this.#greeted = true;
    lastProcessId += 1;
    this.push(greeting(lastProcessId));
  }

  #ask(request: Request): void {
    const only = request.texts.length === 1 ? readSubscriptions(request.texts[0] ?? '') : [];
    // The session listens for all clients: one client's UNLISTEN must not silence another's LISTEN.
    if (only.length === 1 && only[0]?.kind === 'unlisten') {
      this.answer(Buffer.concat([completeMessage('UNLISTEN'), readyMessage('I')]), request, false);
    } else this.#scheduler.submit(this, request);
  }

  #followSubscriptions(request: Request): void {
    for (const { kind, channel } of request.texts.flatMap(readSubscriptions)) {
      if (kind === 'listen') this.#channels.add(channel);
      else if (channel === '*') this.#channels.clear();
      else this.#channels.delete(channel);
    }
  }
}
