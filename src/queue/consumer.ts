import type { Job, Worker } from 'bullmq';
import { createWakeablePause, type WakeablePause } from '../async/wakeable-pause.js';
import { withTimeout } from '../async/with-timeout.js';
import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import { type QueueBackend, runQueueMigrations } from './backend.js';
import type { JobDefinition } from './define-job.js';
import { loadBull, patientConnection } from './load-bull.js';

/**
 * A dead worker's jobs are given to another after its lock has run out and a check has seen it: within LOCK_MS and a
 * check. Alike on every worker, because one worker's check counts for the whole queue.
 */
const LOCK_MS = 3_000;
/**
 * checkMs: between two checks for dead workers. pollSeconds: between two polls for jobs that no signal announced. On
 * PostgreSQL, which is the embedded database too, less often: an idle laptop should idle.
 */
const PACE = { redis: { checkMs: 1_000, pollSeconds: 2 }, postgres: { checkMs: 2_000, pollSeconds: 10 } } as const;
/** Work under way gets this long, in ms, when a consumer closes; then it is left to the stalled check. */
const CLOSE_MS = 4_000;
/** Pause after the backend refused, in ms. */
const RETRY_MS = 500;

export interface ConsumerOptions<Payload> {
  job: JobDefinition<string, Payload>;
  backend: QueueBackend;
  /** See StartedJob.handle; its result is what a request for the job gets. */
  handle: (payload: Payload) => Promise<unknown>;
  logger: Logger;
  telemetry: Pick<Telemetry, 'withSpan' | 'jobTracing' | 'metrics'>;
}

export interface Consumer {
  /**
   * Takes no more jobs and waits for those under way, for a bounded time. Never rejects.
   * @param abandon waits for none: with the backend away none could be reported done
   */
  close(abandon?: boolean): Promise<void>;
}

/**
 * Takes jobs from a queue for as long as the process lives, wherever its backend is meanwhile: absent at the start,
 * killed, stopped or emptied. Returns at once; the backend is awaited in the background.
 */
export function startConsumer<Payload>(options: ConsumerOptions<Payload>): Consumer {
  const { job, backend, logger, telemetry } = options;
  const queue = job.name;
  const pause = createWakeablePause();
  let closed = false;
  let opening: Promise<Worker | null> = Promise.resolve(null);

  async function open(): Promise<Worker | null> {
    const [{ Worker: BoundWorker }, tracing] = await Promise.all([loadBull(backend), telemetry.jobTracing()]);
    const { UnrecoverableError, WaitingError } = await import('bullmq');
    await untilMigrated({ backend, logger, pause, isClosed: () => closed });
    if (closed) return null;
    const run = createProcessor(options, { UnrecoverableError, WaitingError }, () => closed);
    const worker: Worker = new BoundWorker(queue, run, {
      connection: patientConnection(backend),
      concurrency: job.concurrency[backend.kind],
      lockDuration: LOCK_MS,
      stalledInterval: PACE[backend.kind].checkMs,
      // A job is idempotent and a stall no fault of its own: it may stall as often as workers die.
      maxStalledCount: 1_000,
      runRetryDelay: RETRY_MS,
      drainDelay: PACE[backend.kind].pollSeconds,
      ...(tracing && { telemetry: tracing }),
    });
    watchWorker(worker, queue, options);
    return worker;
  }

  opening = open();
  opening.catch((error: unknown) => logger.error({ err: error, queue }, 'the consumer could not start'));
  return {
    close: async (abandon = false) => {
      closed = true;
      pause.wake();
      const worker = await opening.catch(() => null);
      if (!worker) return;
      await withTimeout(worker.close(abandon), CLOSE_MS).catch(async (error: unknown) => {
        logger.warn({ err: error, queue }, 'jobs under way are left to be taken over');
        await withTimeout(worker.getBackend().close(true), RETRY_MS).catch(() => undefined);
      });
    },
  };
}

interface BullErrors {
  UnrecoverableError: new (message: string) => Error;
  WaitingError: new () => Error;
}

function createProcessor<Payload>(options: ConsumerOptions<Payload>, errors: BullErrors, isClosing: () => boolean) {
  const { job: definition, handle, telemetry } = options;

  async function giveBack(job: Job, token?: string): Promise<never> {
    await job.moveToWait(token);
    throw new errors.WaitingError();
  }

  async function run(job: Job, token?: string): Promise<unknown> {
    // A job may still be fetched while the worker closes, even the one just given back.
    if (isClosing()) return giveBack(job, token);
    const parsed = definition.payload.safeParse(job.data);
    if (!parsed.success) throw new errors.UnrecoverableError(`malformed payload: ${parsed.error.message}`);
    try {
      return await handle(parsed.data);
    } catch (error) {
      if (isClosing() && error instanceof AppError && error.code === 'not_ready') return giveBack(job, token);
      throw error;
    }
  }

  // Below the span of bullmq-otel, which continues the trace of the process that gave the job.
  return (job: Job, token?: string): Promise<unknown> =>
    telemetry.withSpan(
      `pop_stash.job.${definition.name}`,
      { 'job.id': job.id, 'job.attempt': job.attemptsMade + 1, 'job.waited_ms': Date.now() - job.timestamp },
      () => run(job, token),
    );
}

interface MigrationWait {
  backend: QueueBackend;
  logger: Logger;
  pause: WakeablePause;
  isClosed: () => boolean;
}

/** PostgreSQL needs BullMQ's schema before the first poll; it may be away for any time. */
async function untilMigrated({ backend, logger, pause, isClosed }: MigrationWait): Promise<void> {
  for (let warned = false; backend.kind === 'postgres' && !isClosed(); warned = true) {
    try {
      await runQueueMigrations(backend.pool);
      return;
    } catch (error) {
      if (!warned) logger.warn({ err: error }, 'the queue is unavailable; trying again');
      if (!isClosed()) await pause.wait(RETRY_MS);
    }
  }
}

type Watched = Pick<ConsumerOptions<unknown>, 'logger' | 'telemetry'>;

function watchWorker(worker: Worker, queue: string, { logger, telemetry }: Watched): void {
  worker.on('error', (error) => logger.debug({ err: error, queue }, 'consumer error'));
  worker.on('stalled', (id) => logger.info({ job: id, queue }, 'job taken over from a worker that went silent'));
  worker.on('failed', (job, error) => {
    telemetry.metrics.jobFailed(queue);
    logger.warn({ err: error, job: job?.id, attempt: job?.attemptsMade, queue }, 'job failed');
  });
}
