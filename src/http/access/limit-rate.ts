import { LRUCache } from 'lru-cache';

/** Senders that are counted at once: those that were silent for longest are forgotten, with a full bucket. */
const MAX_SENDERS = 20_000;
/** A sender that was silent may send so many seconds' worth at once. */
const BURST_SECONDS = 4;

export interface RateLimit {
  /** Counts one request. @returns 0 where it may pass, else after how many seconds the next one may */
  take(sender: string): number;
}

/** A token bucket for each sender. @param perSecond requests, in the long run */
export function createRateLimit(perSecond: number, now: () => number = () => performance.now()): RateLimit {
  const size = perSecond * BURST_SECONDS;
  const buckets = new LRUCache<string, { left: number; at: number }>({ max: MAX_SENDERS });
  return {
    take(sender) {
      const at = now();
      const bucket = buckets.get(sender) ?? { left: size, at };
      bucket.left = Math.min(size, bucket.left + ((at - bucket.at) / 1_000) * perSecond);
      bucket.at = at;
      buckets.set(sender, bucket);
      if (bucket.left < 1) return Math.max(Math.ceil((1 - bucket.left) / perSecond), 1);
      bucket.left -= 1;
      return 0;
    },
  };
}
