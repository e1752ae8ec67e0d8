import { RESENT_META } from '../mcp/transport/resent-meta.js';
import type { PendingRequest } from './cancelled-requests.js';
import { type CallFailure, failureLine } from './failure-line.js';
import { markCall } from './read-envelope.js';

/** A request that takes its server down is not sent for ever. */
const MAX_SENT = 6;
const ENDED_EACH_TIME: CallFailure = {
  code: 'internal',
  message: `The local server ended ${MAX_SENT} times while it worked on this call.`,
  fix: 'Do not repeat this call as it is; tell the user to look at the log of the local server and to report it.',
  retryable: false,
};
/** Begins the key of a line that is answered without an id; ids are kept as JSON. */
const UNNAMED = '?';

/** The requests of a client that have no answer, oldest first. */
export function createPendingRequests() {
  const pending = new Map<string, PendingRequest>();
  let unnamed = 0;

  function refuse(id: string, { isCall }: PendingRequest, failure: CallFailure): string {
    return failureLine(id.startsWith(UNNAMED) ? 'null' : id, isCall, failure);
  }

  return {
    size: () => pending.size,
    has: (id: string) => pending.has(id),
    get: (id: string) => pending.get(id),
    /** @param id as JSON */
    add: (id: string, request: PendingRequest) => void pending.set(id, request),
    /** What is answered without an id. */
    addUnnamed(request: PendingRequest): void {
      unnamed += 1;
      pending.set(`${UNNAMED}${unnamed}`, request);
    },
    delete: (id: string) => void pending.delete(id),
    /** The first of these has its answer. */
    deleteUnnamed(): void {
      const first = [...pending.keys()].find((id) => id.startsWith(UNNAMED));
      if (first !== undefined) pending.delete(first);
    },
    /** Ids of those that have one. */
    ids: () => [...pending.keys()].filter((id) => !id.startsWith(UNNAMED)),
    /** Takes all out, and returns an error line for each. */
    fail(failure: CallFailure): string[] {
      const requests = [...pending];
      pending.clear();
      return requests.map(([id, request]) => refuse(id, request, failure));
    },
    /** The lines for another server, and error lines for what every server so far died of. */
    replay(): { lines: Buffer[]; refused: string[] } {
      const lines: Buffer[] = [];
      const refused: string[] = [];
      for (const [id, request] of pending) {
        if (request.sent >= MAX_SENT) {
          pending.delete(id);
          refused.push(refuse(id, request, ENDED_EACH_TIME));
          continue;
        }
        const { batch } = request;
        // A batch that no server has heard goes out as it came, with the first of its requests.
        if (request.sent > 0) lines.push(markCall(request.line, { [RESENT_META]: true }) ?? request.line);
        else if (batch === undefined) lines.push(request.line);
        else if (lines.at(-1) !== batch) lines.push(batch);
        request.sent += 1;
      }
      return { lines, refused };
    },
  };
}
