import type { Queue, QueueEvents } from 'bullmq';
import { TimeoutError, withTimeout } from '../async/with-timeout.js';
import type { Logger } from '../logger.js';
import type { JobTracing, Telemetry } from '../telemetry/telemetry-types.js';
import type { QueueBackend } from './backend.js';
import { connectPostgres } from './connect-postgres.js';
import { connectRedis } from './connect-redis.js';
import type { QueueConnection } from './connection-types.js';
import { type JobDefinition, jobOptions } from './define-job.js';
import { type Bull, loadBull, patientConnection } from './load-bull.js';
import { createWatch } from './watch-connection.js';

/** The queues as a process that gives jobs uses them: fails at once while the backend is away, and knows when it is back. */
export interface QueueLink {
  /** 'connecting' until the backend first answered or failed to. */
  state(): 'connecting' | 'up' | 'down';
  /** Loads BullMQ and connects; once. `use` does it too. */
  start(): void;
  /**
   * Runs `work` with the queue; the first time, after connecting.
   * @throws QueueDownError at once while the backend is away; TimeoutError after `timeoutMs`; what `work` throws.
   */
  use<T>(job: QueuedJob, timeoutMs: number, work: (queue: Queue) => Promise<T>): Promise<T>;
  /** Listens to a queue's events, from now on, on a connection of its own. Rejects while the backend is away. */
  openEvents(job: QueuedJob): Promise<QueueEvents>;
  /** Called whenever the backend answers for the first time, again after a silence, or on a new connection. */
  onUp(listener: () => void): void;
  /** Called whenever the backend is found away. */
  onDown(listener: () => void): void;
  close(): Promise<void>;
}

/** The part of a definition that its queue is opened with. */
export type QueuedJob = Pick<JobDefinition, 'name' | 'options'>;

class QueueDownError extends Error {
  constructor() {
    super('the queue is away');
    this.name = 'QueueDownError';
  }
}

/** How long the first connection may take, in ms. */
const OPEN_TIMEOUT_MS = 5_000;

interface Opened {
  bull: Bull;
  tracing: JobTracing | undefined;
  connection: QueueConnection;
}

/** PostgreSQL is probed at most this often, in ms: when it is away, every statement fails by itself. */
const POSTGRES_WATCH_MS = 30_000;

export interface QueueLinkDeps {
  backend: QueueBackend;
  logger: Logger;
  /** How often an unused backend is probed, in ms; a command without an answer tells it at once. */
  watchMs: number;
  /** Carries traces through jobs; without it they have none. */
  telemetry?: Pick<Telemetry, 'jobTracing'>;
}

export function createQueueLink(deps: QueueLinkDeps): QueueLink {
  const { backend, logger } = deps;
  const watch = createWatch(backend.kind === 'redis' ? deps.watchMs : Math.max(deps.watchMs, POSTGRES_WATCH_MS));
  const queues = new Map<string, Promise<Queue>>();
  let opened: Promise<Opened> | undefined;
  let closed = false;

  async function open(): Promise<Opened> {
    const [bull, tracing] = await Promise.all([loadBull(backend), deps.telemetry?.jobTracing()]);
    const connection =
      backend.kind === 'redis' ? await connectRedis(backend.url, logger) : connectPostgres(backend.pool);
    if (closed) await connection.close();
    else watch.start(connection);
    return { bull, tracing, connection };
  }

  function start(): Promise<Opened> {
    if (!opened) {
      opened = open();
      opened.catch((error: unknown) => logger.error({ err: error }, 'the queue could not be opened'));
    }
    return opened;
  }

  async function openQueue(job: QueuedJob): Promise<Queue> {
    const { bull, tracing, connection } = await start();
    const queue: Queue = new bull.Queue(job.name, {
      connection: connection.queueConnection,
      defaultJobOptions: jobOptions(job),
      // Events are for those who wait now: a result may be 2 KB, so thousands of old ones would only fill memory.
      streams: { events: { maxLen: 200 } },
      ...(tracing && { telemetry: tracing }),
    });
    queue.on('error', (error) => logger.debug({ err: error, queue: job.name }, 'queue error'));
    await queue.waitUntilReady();
    return queue;
  }

  function queueOf(job: QueuedJob): Promise<Queue> {
    const known = queues.get(job.name);
    if (known !== undefined) return known;
    const opening = openQueue(job);
    queues.set(job.name, opening);
    opening.catch(() => queues.delete(job.name));
    return opening;
  }

  return {
    state: watch.state,
    start: () => void start().catch(() => undefined),
    onUp: watch.onUp,
    onDown: watch.onDown,
    use: async (job, timeoutMs, work) => {
      if (closed || watch.state() === 'down') throw new QueueDownError();
      // To load BullMQ and connect for the first time may take longer than any command.
      await withTimeout(
        start().then(() => watch.known),
        OPEN_TIMEOUT_MS,
      );
      if (closed || watch.state() !== 'up') throw new QueueDownError();
      try {
        return await withTimeout(queueOf(job).then(work), timeoutMs);
      } catch (error) {
        watch.doubt(error instanceof TimeoutError);
        throw error;
      }
    },
    openEvents: async ({ name }) => {
      const { bull, connection } = await start();
      const cursor = await connection.eventCursor();
      const events: QueueEvents = new bull.QueueEvents(name, {
        connection: patientConnection(backend),
        ...(cursor && { lastEventId: cursor }),
      });
      events.on('error', (error) => logger.debug({ err: error, queue: name }, 'queue events error'));
      await events.waitUntilReady();
      return events;
    },
    close: async () => {
      closed = true;
      watch.stop();
      const connection = await opened?.then((all) => all.connection).catch(() => undefined);
      await connection?.close();
    },
  };
}
