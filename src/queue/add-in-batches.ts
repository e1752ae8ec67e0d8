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
  telemetry: Pick<Telemetry, 'openSpan' | 'withCarrier'>;
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
      const { jobs, end } = traceBatch(
        merged.filter((one) => one.job === job),
        telemetry,
      );
      try {
        // A batch of several traces is given in the first one's.
        const give = () => link.use(job, LIMITS.enqueueTimeoutMs, (queue) => addAll(queue, jobs));
        await telemetry.withCarrier(jobs[0]?.carrier, give);
        end();
      } catch (error) {
        end(error);
        dropped += jobs.length;
        onDropped();
        logger.debug({ err: error, queue: job.name, jobs: jobs.length }, 'jobs dropped; the sweep finds their rows');
      }
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

interface TracedBatch {
  jobs: readonly PendingJob[];
  end(error?: unknown): void;
}

/**
 * Opens a PRODUCER span for each job of a batch, in the job's own trace and as bullmq-otel names the span of a single one:
 * BullMQ makes one span for the whole batch.
 */
function traceBatch(jobs: readonly PendingJob[], telemetry: Pick<Telemetry, 'openSpan'>): TracedBatch {
  if (jobs.length < 2) return { jobs, end: () => undefined };
  const spans = jobs.map(({ job: { name }, carrier }) => {
    const attributes = {
      'bullmq.queue.name': name,
      'bullmq.queue.operation': 'add',
      'bullmq.job.name': name,
      'bullmq.job.bulk.count': jobs.length,
    };
    return telemetry.openSpan(`add ${name}.${name}`, attributes, { kind: 'producer', parent: carrier });
  });
  return {
    jobs: jobs.map((job, index) => ({ ...job, carrier: spans[index]?.carrier ?? job.carrier })),
    end: (error) => spans.forEach((span) => void span.end(error)),
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
