import type { JobsOptions, Queue } from 'bullmq';
import { LIMITS } from '../config.js';
import type { Logger } from '../logger.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import { mergeJobs, type PendingJob } from './merge-jobs.js';
import type { QueueLink } from './queue-link.js';

/** Jobs kept while others are under way; a sweep finds the rows of those beyond. */
const MAX_PENDING = 2_000;

export interface Batches {
  /** False, and counts one as dropped, while jobs can't be given. */
  hasRoom(): boolean;
  /** Returns at once. */
  add(job: PendingJob): void;
  /** Takes no more. Resolves when what was added has been delivered or dropped. */
  close(): Promise<void>;
}

export interface BatchesDeps {
  link: QueueLink;
  logger: Logger;
  telemetry: Pick<Telemetry, 'withCarrier'>;
  /** Jobs that were added could not be delivered. */
  onDropped: () => void;
}

/** Adds jobs to their queues, those of one round of the event loop together, one round trip at a time. */
export function createBatches({ link, logger, telemetry, onDropped }: BatchesDeps): Batches {
  let pending: PendingJob[] = [];
  let flushing: Promise<void> | null = null;
  let dropped = 0;
  let closed = false;
  link.onUp(() => {
    if (dropped > 0) logger.info({ dropped }, 'the queue is back; the sweep finds what was written meanwhile');
    dropped = 0;
  });

  async function flush(): Promise<void> {
    await new Promise(setImmediate);
    while (pending.length > 0) {
      const jobs = pending;
      pending = [];
      await deliver(mergeJobs(jobs));
    }
    // In the same step as the check of `pending`: a job that is added now starts the next flush.
    flushing = null;
  }

  async function deliver(merged: PendingJob[]): Promise<void> {
    for (const job of new Set(merged.map((one) => one.job))) {
      const jobs = merged.filter((one) => one.job === job);
      // A batch of several traces is given in the first one's; each job keeps its own.
      await telemetry
        .withCarrier(jobs[0]?.carrier, () => link.use(job, LIMITS.enqueueTimeoutMs, (queue) => addAll(queue, jobs)))
        .catch((error: unknown) => {
          dropped += jobs.length;
          onDropped();
          logger.debug({ err: error, queue: job.name, jobs: jobs.length }, 'jobs dropped; the sweep finds their rows');
        });
    }
  }

  return {
    hasRoom() {
      const room = !closed && link.state() !== 'down' && pending.length < MAX_PENDING;
      if (!room) dropped++;
      return room;
    },
    add(job) {
      pending.push(job);
      flushing ??= flush();
    },
    close() {
      closed = true;
      return flushing ?? Promise.resolve();
    },
  };
}

async function addAll(queue: Queue, jobs: readonly PendingJob[]): Promise<void> {
  const all = jobs.map((job) => ({ name: job.job.name, data: job.payload, opts: optionsOf(job) }));
  const [first, ...others] = all;
  if (first && others.length === 0) await queue.add(first.name, first.data, first.opts);
  else await queue.addBulk(all);
}

function optionsOf({ job, payload, carrier, dueAt }: PendingJob): JobsOptions {
  return {
    // The form that bullmq-otel gives it, so that any consumer can continue the trace.
    ...(Object.keys(carrier).length > 0 && { telemetry: { metadata: JSON.stringify(carrier) } }),
    ...(dueAt !== undefined && { delay: Math.max(dueAt - Date.now(), 0) }),
    // One job for a key and a period, whichever processes give it.
    ...(job.throttle && { jobId: `${job.throttle.key(payload)}-${dueAt}` }),
  };
}
