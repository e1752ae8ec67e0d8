import { z } from 'zod';

/**
 * Every job once: queue = job = worker file. Payloads hold ids, never text, but for a query's,
 * which exists nowhere else. A job is a nudge: the row is the truth, so jobs are idempotent.
 */
export const catalog = {
  embedding: {
    payload: z.object({ passageIds: z.array(z.string().regex(/^\d+$/)).min(1).max(1000) }),
    attempts: 5,
  },
  'query-embedding': {
    payload: z.object({ text: z.string(), deadline: z.number().describe('ms since the epoch; past it nobody waits') }),
    attempts: 1,
  },
  maintenance: {
    payload: z.object({ task: z.enum(['expire-stashes', 'purge-forgotten', 'refresh-statistics']) }),
    attempts: 3,
  },
} as const;

export type JobName = keyof typeof catalog;
export type JobPayload<K extends JobName> = z.infer<(typeof catalog)[K]['payload']>;

/** The front's view of the queues: a nudge is given after commit and never delays or fails a tool. */
export interface Producer {
  /** Returns at once; a nudge that can't be delivered in time is dropped (the sweep finds the row). */
  enqueue<K extends Exclude<JobName, 'query-embedding'>>(name: K, payload: JobPayload<K>): void;
  /** Asks a worker for a query's vector; null when none came before the deadline or the queue is down. */
  requestQueryVector(text: string, deadlineMs: number): Promise<Float32Array | null>;
  /** False while the queue's backend is unreachable. */
  isUp(): boolean;
  /** Resolves when nudges under way have been delivered or dropped. */
  close(): Promise<void>;
}
