import { type Loop, repeat } from '../async/repeat.js';
import { withTimeout } from '../async/with-timeout.js';
import type { Logger } from '../logger.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import type { QueueBackend } from './backend.js';
import { startConsumer } from './consumer.js';
import { type JobDefinition, type JobList, jobOptions, type OwnQueue } from './define-job.js';
import { keepSchedules } from './keep-schedules.js';
import { createQueueLink, type QueueLink } from './queue-link.js';
import { readQueueState } from './read-queue-state.js';

/** A process that runs jobs. */
export interface JobHost<Resources> {
  /** Those that its jobs need; they stay open, the caller closes them after the jobs. */
  resources: Resources;
  backend: QueueBackend;
  logger: Logger;
  telemetry: Telemetry;
}

export interface RunningJob {
  /** Finishes what is under way, gives the rest back, closes its connections. Bounded; never rejects. */
  close(): Promise<void>;
}

/** How often a job's queue is probed, in ms: a stopped Redis keeps its sockets. */
const WATCH_MS = 2_000;
/** What a job has under way gets this long, in ms; the rest is left to the next worker. */
const CLOSE_MS = 4_000;

/**
 * Starts jobs in this process: for each its consumer, its schedules and its repeats.
 * @throws what a job's `start` throws; those that had started are closed
 */
export async function startJobs<Resources>(jobs: JobList, host: JobHost<Resources>): Promise<RunningJob> {
  const starting = await Promise.allSettled(jobs.map((job) => startJob(job, host)));
  const running = starting.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
  const close = async () => void (await Promise.allSettled(running.map((job) => job.close())));
  const failure = starting.find((result) => result.status === 'rejected');
  if (failure) {
    await close();
    throw failure.reason;
  }
  return { close };
}

/** Starts one job. @throws what its `start` throws */
export async function startJob<Payload, Resources>(
  job: JobDefinition<string, Payload>,
  host: JobHost<Resources>,
): Promise<RunningJob> {
  const { backend, logger, telemetry } = host;
  const link = createQueueLink({ backend, logger, watchMs: WATCH_MS, telemetry });
  const queue = ownQueue(job, link, backend);
  const started = await job.start({ ...host.resources, logger, telemetry, queue });
  const schedules = job.schedule && keepSchedules({ job, link, handle: (payload) => started.handle(payload), logger });
  const consumer = startConsumer({
    job,
    backend,
    handle: (payload) => {
      schedules?.ran(payload);
      return started.handle(payload);
    },
    logger,
    telemetry,
  });
  const unobserve = telemetry.metrics.observeQueue(job.name, () => readQueueState(link, job));
  const repeats = (started.repeats ?? []).map(
    ({ name, run, retryMs }): Loop =>
      repeat(run, (error) => {
        logger.warn({ err: error, job: job.name, repeat: name }, 'a repeat failed; the next one follows');
        return retryMs;
      }),
  );
  return {
    close: async () => {
      unobserve();
      // The consumer first, so that it takes a refusal as a return; then the job refuses what waits.
      const ending = [
        consumer.close(link.state() === 'down'),
        schedules?.close(),
        ...repeats.map((loop) => loop.stop()),
      ];
      await withTimeout(started.close?.() ?? Promise.resolve(), CLOSE_MS).catch(() => undefined);
      await Promise.allSettled(ending);
      await link.close();
    },
  };
}

function ownQueue<Payload>(
  job: JobDefinition<string, Payload>,
  link: QueueLink,
  backend: QueueBackend,
): OwnQueue<Payload> {
  return {
    backend: backend.kind,
    state: link.state,
    connect: link.start,
    onUp: link.onUp,
    onDown: link.onDown,
    add: async (jobs, timeoutMs) => {
      const own = { ...jobOptions(job), removeOnComplete: true, removeOnFail: true };
      const all = jobs.map(({ id, payload }) => ({ name: job.name, data: payload, opts: { ...own, jobId: id } }));
      await link.use(job, timeoutMs, (queue) => queue.addBulk(all));
    },
  };
}
