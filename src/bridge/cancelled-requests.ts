import { CANCELLED_META, RESENT_META } from '../mcp/transport/resent-meta.js';
import { markCall } from './read-envelope.js';

export interface PendingRequest {
  line: Buffer;
  /** It calls a tool. */
  isCall: boolean;
  /** How often. */
  sent: number;
  /** When it came from the client, by performance.now(). */
  at: number;
  /** The line of the batch that it came in. */
  batch?: Buffer;
}

/** A server that ends so long after it heard of a cancelled call has given back what that had done, in ms. */
const CANCELLED_MS = 30_000;
const MAX_CANCELLED = 50;
/** Requests that were answered last: a cancellation may cross with the answer. Longer lines are not kept, in bytes. */
const MAX_ANSWERED = 20;
const MAX_KEPT_LINE = 16 * 1024;

/** Requests that were cancelled while a server had them: it may end before it has given back what they did. */
export function createCancelledRequests() {
  const cancelled = new Map<string, PendingRequest & { cancelledAt: number }>();
  const answered = new Map<string, PendingRequest>();
  return {
    /** A request has its answer. A server that answers one which came after a cancellation has heard that before. */
    noteAnswer(id: string, request: PendingRequest | undefined): void {
      if (!request) return;
      for (const [old, { cancelledAt }] of cancelled) if (cancelledAt < request.at) cancelled.delete(old);
      if (request.line.length > MAX_KEPT_LINE) return;
      answered.set(id, request);
      for (const old of answered.keys()) {
        if (answered.size <= MAX_ANSWERED) break;
        answered.delete(old);
      }
    },

    /** @param pending the request, where it has no answer yet */
    cancel(id: string, pending: PendingRequest | undefined): void {
      const request = pending ?? answered.get(id);
      if (!request || request.sent === 0) return;
      const now = performance.now();
      cancelled.set(id, { ...request, cancelledAt: now });
      for (const [old, { cancelledAt }] of cancelled) {
        if (now - cancelledAt <= CANCELLED_MS && cancelled.size <= MAX_CANCELLED) break;
        cancelled.delete(old);
      }
    },

    /** The cancelled calls as they are sent to a new server, which gives back what they did. */
    listAgain(): { id: string; line: Buffer }[] {
      const now = performance.now();
      return [...cancelled].flatMap(([id, { line, at, cancelledAt }]) => {
        const meta = { [RESENT_META]: true, [CANCELLED_META]: Math.floor(Date.now() - (now - at)) };
        const again = now - cancelledAt > CANCELLED_MS ? null : markCall(line, meta);
        return again === null ? [] : [{ id, line: again }];
      });
    },
  };
}
