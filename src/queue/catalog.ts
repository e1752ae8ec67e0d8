import type { JobsOptions } from 'bullmq';
import * as z from 'zod';

/**
 * Every job once: queue = job = worker file. Payloads hold ids, never text, but for a query's,
 * which exists nowhere else. A job is a nudge: the row is the truth, so jobs are idempotent.
 */
export const catalog = {
  /** Passages that may lack a vector. */
  embedding: {
    payload: z.object({ passageIds: z.array(z.string().regex(/^\d+$/)).min(1).max(1000) }),
    attempts: 5,
  },
  /** A queue of its own, so that a query never waits behind passages; its result is the vector as base64. */
  'query-embedding': {
    payload: z.object({ text: z.string(), deadline: z.number().describe('ms since the epoch; past it nobody waits') }),
    attempts: 1,
  },
  /** A project in which the time of a lock may be up. */
  'lock-expiry': {
    payload: z.object({ projectId: z.string(), lockId: z.string() }),
    attempts: 3,
  },
  /** What time brings: see src/domain/maintenance. */
  maintenance: {
    payload: z.object({ task: z.enum(['expire-stashes', 'purge-forgotten', 'refresh-statistics']) }),
    attempts: 3,
  },
} as const;

export type JobName = keyof typeof catalog;
export type JobPayload<K extends JobName> = z.infer<(typeof catalog)[K]['payload']>;

/**
 * How a job of this name is kept and tried again. What is finished stays for a while, bounded, for people to look at;
 * a query and its vector leave at once.
 */
export function jobOptions(name: JobName): JobsOptions {
  const { attempts } = catalog[name];
  if (name === 'query-embedding') return { attempts, removeOnComplete: true, removeOnFail: true };
  return {
    attempts,
    backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
    removeOnComplete: { age: 3_600, count: 200 },
    removeOnFail: { age: 7 * 86_400, count: 500 },
  };
}

/** The front's view of the queues: a nudge is given after commit and never delays or fails a tool. */
export interface Producer {
  /**
   * Returns at once; a nudge that can't be delivered in time is dropped (the sweep finds the row).
   * @param delayMs the job is for then, in ms from now
   */
  enqueue<K extends Exclude<JobName, 'query-embedding'>>(name: K, payload: JobPayload<K>, delayMs?: number): void;
  /**
   * Asks a worker for a query's vector; null when none came in time or the queue is down. Never rejects.
   * @param waitMs how long to wait, in ms
   */
  requestQueryVector(text: string, waitMs: number): Promise<Float32Array | null>;
  /** False while the queue's backend is unreachable; true until that is known. */
  isUp(): boolean;
  /** Loads the queue's library and connects, so that the first nudge and the first query need not. Returns at once. */
  warm(): void;
  /** Resolves when nudges under way have been delivered or dropped. */
  close(): Promise<void>;
}
