import { randomBytes } from 'node:crypto';
import type { QueueEvents } from 'bullmq';
import type { Logger } from '../logger.js';
import { type JobDefinition, jobOptions } from './define-job.js';
import type { QueueLink } from './queue-link.js';

/** Results awaited at once; a request beyond that gets none. */
const MAX_WAITING = 256;
/** A job whose request has ended is removed from the queue within this long, in ms, or left to the worker. */
const REMOVE_TIMEOUT_MS = 500;

export interface ResultRequest {
  job: JobDefinition;
  payload: unknown;
  /** How long to wait, in ms. */
  waitMs: number;
  /** The trace of the one who asks, as W3C headers. */
  carrier: Record<string, string>;
}

export interface Results {
  /** Starts to listen for a job's results, so that the first request need not wait for it. */
  warm(job: JobDefinition): void;
  /** The result of a job, read by its definition, or null when none comes in time or it can't be read. Never rejects. */
  request(request: ResultRequest): Promise<unknown>;
  close(): Promise<void>;
}

/** Gives jobs and hears their results, which come as events of finished jobs. */
export function createResults(deps: { link: QueueLink; logger: Logger }): Results {
  const { link, logger } = deps;
  const waiting = new Map<string, (result: unknown) => void>();
  const listening = new Map<string, Promise<QueueEvents>>();
  // BullMQ refuses ids that are numbers or hold a colon.
  const prefix = `r${randomBytes(8).toString('hex')}`;
  let count = 0;
  let closed = false;

  function listen(job: JobDefinition): Promise<QueueEvents> {
    const known = listening.get(job.name);
    if (known) return known;
    const opening = link.openEvents(job).then((events) => {
      events.on('completed', ({ jobId, returnvalue }) => waiting.get(jobId)?.(job.result?.safeParse(returnvalue).data));
      events.on('failed', ({ jobId }) => waiting.get(jobId)?.(null));
      return events;
    });
    listening.set(job.name, opening);
    opening.catch((error: unknown) => {
      logger.debug({ err: error, queue: job.name }, 'results can not be heard yet');
      listening.delete(job.name);
    });
    return opening;
  }

  async function give(id: string, { job, payload, waitMs, carrier }: ResultRequest): Promise<void> {
    await listen(job);
    const telemetry = Object.keys(carrier).length > 0 ? { telemetry: { metadata: JSON.stringify(carrier) } } : {};
    await link.use(job, waitMs, (queue) =>
      queue.add(job.name, payload, { ...jobOptions(job), jobId: id, ...telemetry }),
    );
  }

  return {
    warm: (job) => void listen(job).catch(() => undefined),
    request: (request) => {
      if (closed || link.state() === 'down' || waiting.size >= MAX_WAITING) return Promise.resolve(null);
      const { job, waitMs } = request;
      const id = `${prefix}-${++count}`;
      return new Promise((resolve) => {
        const finish = (result: unknown) => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(result ?? null);
        };
        const timer = setTimeout(() => {
          finish(null);
          // Without a worker, abandoned jobs would pile up.
          link.use(job, REMOVE_TIMEOUT_MS, (queue) => queue.remove(id)).catch(() => undefined);
        }, waitMs);
        waiting.set(id, finish);
        give(id, request).catch((error: unknown) => {
          logger.debug({ err: error, queue: job.name }, 'a job could not be given');
          finish(null);
        });
      });
    },
    close: async () => {
      closed = true;
      for (const finish of [...waiting.values()]) finish(null);
      await Promise.allSettled([...listening.values()].map((opening) => opening.then((events) => events.close())));
    },
  };
}
