import { LRUCache } from 'lru-cache';
import type { JobDefinition } from './define-job.js';

/** Keys of throttled jobs that are remembered. A forgotten one costs a second job, which the queue drops by its id. */
const MAX_KEYS = 1_000;

export interface Throttle {
  /**
   * When a job is due, if not at once; null when an equal one was given before.
   * @param delayMs in ms from now
   */
  admit(job: JobDefinition, payload: unknown, delayMs: number | undefined): { dueAt?: number } | null;
  /** Given jobs were lost: equal ones are admitted again. */
  reset(): void;
}

/** Lets one job of a key and a period pass, where the job's definition says so. */
export function createThrottle(): Throttle {
  const lastDue = new LRUCache<string, number>({ max: MAX_KEYS });
  return {
    admit({ name, throttle }, payload, delayMs) {
      if (!throttle) return delayMs === undefined ? {} : { dueAt: Date.now() + delayMs };
      const { everyMs } = throttle;
      const dueAt = (Math.floor((Date.now() + (delayMs ?? 0)) / everyMs) + 1) * everyMs;
      const key = `${name} ${throttle.key(payload)}`;
      if (lastDue.get(key) === dueAt) return null;
      lastDue.set(key, dueAt);
      return { dueAt };
    },
    reset: () => lastDue.clear(),
  };
}
