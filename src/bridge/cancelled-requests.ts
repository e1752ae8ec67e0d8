import { CANCELLED_META, RESENT_META } from '../mcp/transport/resent-meta.js';
import { markCall } from './read-envelope.js';

export interface PendingRequest {
  line: Buffer;
  /** How often. */
  sent: number;
  /** When it came from the client, by performance.now(). */
  at: number;
}

/** A server that ends so long after it heard of a cancelled call has given back what that had done, in ms. */
const CANCELLED_MS = 30_000;
const MAX_CANCELLED = 50;

/** Requests that were cancelled while a server had them: it may end before it has given back what they did. */
export function createCancelledRequests() {
  const cancelled = new Map<string, PendingRequest & { cancelledAt: number }>();
  return {
    keep(id: string, request: PendingRequest): void {
      const now = performance.now();
      cancelled.set(id, { ...request, cancelledAt: now });
      for (const [old, { cancelledAt }] of cancelled) {
        if (now - cancelledAt <= CANCELLED_MS && cancelled.size <= MAX_CANCELLED) break;
        cancelled.delete(old);
      }
    },

    /** As a new server hears them: calls of tools that it gives back. */
    listAgain(): { id: string; line: Buffer }[] {
      const now = performance.now();
      return [...cancelled].flatMap(([id, { line, at, cancelledAt }]) => {
        const meta = { [RESENT_META]: true, [CANCELLED_META]: Math.ceil(now - at) };
        const again = now - cancelledAt > CANCELLED_MS ? null : markCall(line, meta);
        return again === null ? [] : [{ id, line: again }];
      });
    },
  };
}
