import { randomBytes } from 'node:crypto';
import type { QueueEvents } from 'bullmq';
import { DIMENSIONS } from '../embedding/embedding-types.js';
import type { Logger } from '../logger.js';
import { type JobPayload, jobOptions } from './catalog.js';
import type { QueueLink } from './queue-link.js';
import { decodeVector } from './vector-codec.js';

/** Most queries awaited at once; beyond it an answer is lexical at once. */
const MAX_WAITING = 256;
/** A job that nobody waits for any more is taken out of the queue within this long, in ms, or left to the worker. */
const REMOVE_TIMEOUT_MS = 500;

export interface QueryVectors {
  /** Starts listening, so that the first query need not wait for it. */
  warm(): void;
  /** A worker's vector for `text`, or null when none comes within `waitMs`. Never rejects. */
  request(text: string, waitMs: number, carrier: Record<string, string>): Promise<Float32Array | null>;
  close(): Promise<void>;
}

/** Asks through the queue `query-embedding`, and hears the answers as the events of its finished jobs. */
export function createQueryVectors(deps: { link: QueueLink; logger: Logger }): QueryVectors {
  const { link, logger } = deps;
  const waiting = new Map<string, (vector: Float32Array | null) => void>();
  // BullMQ refuses ids that are numbers or hold a colon.
  const prefix = `q${randomBytes(8).toString('hex')}`;
  let count = 0;
  let events: Promise<QueueEvents> | undefined;
  let closed = false;

  function listen(): Promise<QueueEvents> {
    if (!events) {
      const opening = link.openEvents('query-embedding').then((all) => {
        all.on('completed', ({ jobId, returnvalue }) => waiting.get(jobId)?.(decodeVector(returnvalue, DIMENSIONS)));
        all.on('failed', ({ jobId }) => waiting.get(jobId)?.(null));
        return all;
      });
      events = opening;
      opening.catch((error: unknown) => {
        logger.debug({ err: error }, 'query vectors cannot be heard yet');
        events = undefined;
      });
    }
    return events;
  }

  async function ask(
    id: string,
    payload: JobPayload<'query-embedding'>,
    waitMs: number,
    carrier: Record<string, string>,
  ) {
    await listen();
    const telemetry = Object.keys(carrier).length > 0 ? { telemetry: { metadata: JSON.stringify(carrier) } } : {};
    await link.use('query-embedding', waitMs, (queue) =>
      queue.add('query-embedding', payload, { ...jobOptions('query-embedding'), jobId: id, ...telemetry }),
    );
  }

  return {
    warm: () => void listen().catch(() => undefined),
    request: (text, waitMs, carrier) => {
      if (closed || link.state() === 'down' || waiting.size >= MAX_WAITING) return Promise.resolve(null);
      const id = `${prefix}-${++count}`;
      return new Promise((resolve) => {
        const finish = (vector: Float32Array | null) => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(vector);
        };
        const timer = setTimeout(() => {
          finish(null);
          // With no worker about, abandoned queries would pile up.
          link.use('query-embedding', REMOVE_TIMEOUT_MS, (queue) => queue.remove(id)).catch(() => undefined);
        }, waitMs);
        waiting.set(id, finish);
        ask(id, { text, deadline: Date.now() + waitMs }, waitMs, carrier).catch((error: unknown) => {
          logger.debug({ err: error }, 'a query could not be given to a worker');
          finish(null);
        });
      });
    },
    close: async () => {
      closed = true;
      for (const finish of [...waiting.values()]) finish(null);
      await events?.then((all) => all.close()).catch(() => undefined);
    },
  };
}
