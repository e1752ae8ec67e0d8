import { isRequestId } from '../mcp/transport/request-id.js';
import { RESENT_META } from '../mcp/transport/resent-meta.js';
import { createCancelledRequests, type PendingRequest } from './cancelled-requests.js';
import { type CallFailure, failureLine } from './failure-line.js';
import { type Envelope, markCall, parse } from './read-envelope.js';

export interface BridgeSession {
  /** Takes note of a client's line. @param sent false when no server is there to hear it: `replay` will say it */
  fromClient(line: Buffer, sent: boolean): void;
  /** Takes note of a server's line; false when it answers a replayed request, which the client has seen answered. */
  fromServer(line: Buffer): boolean;
  /** Whether a server still owes answers that the client must not see. */
  swallows(): boolean;
  /**
   * What a new server must hear to stand where the old one stood: handshake, settings, requests without an answer.
   * `refused` are error lines for the client: of requests that every server so far died of.
   */
  replay(): { lines: Buffer[]; refused: string[] };
  /** Requests without an answer, oldest first. */
  pending(): number;
  /** Takes all pending requests out and returns an error line for each. */
  fail(failure: CallFailure): string[];
  /**
   * The same where the server still has the requests: also returns what cancels them there. Answers that come all the same
   * are for nobody.
   */
  abandon(failure: CallFailure): { errors: string[]; cancels: string[] };
}

/** A request that takes its server down is not sent for ever. */
const MAX_SENT = 6;
const ENDED_EACH_TIME: CallFailure = {
  code: 'internal',
  message: `The local server ended ${MAX_SENT} times while it worked on this call.`,
  fix: 'Do not repeat this call as it is; tell the user to look at the log of the local server and to report it.',
  retryable: false,
};

/** Requests that a server remembers: the latest of each kind is told to its successor too. */
const STATEFUL = new Set(['logging/setLevel', 'resources/subscribe', 'resources/unsubscribe']);

/**
 * The client's side of an MCP session, kept so that servers can change under it. Requests are sent again when a server
 * goes before it answers: tools that write are idempotent on exact repeats, so that no call is lost and none is doubled.
 */
export function createBridgeSession(): BridgeSession {
  const pending = new Map<string, PendingRequest>();
  const cancelled = createCancelledRequests();
  const settings = new Map<string, { id: string; line: Buffer }>();
  const swallowed = new Set<string>();
  let initialize: { id: string; line: Buffer; answered: boolean } | null = null;
  let initialized: Buffer | null = null;

  function noteRequest(requestId: string | number, { method, params }: Envelope, line: Buffer, sent: boolean): void {
    const id = key(requestId);
    if (method === 'initialize') initialize = { id, line, answered: false };
    else if (typeof method === 'string' && STATEFUL.has(method)) settings.set(settingKey(method, params), { id, line });
    pending.set(id, { line, isCall: method === 'tools/call', sent: sent ? 1 : 0, at: performance.now() });
  }

  function fail(failure: CallFailure): string[] {
    const requests = [...pending];
    pending.clear();
    return requests.map(([id, { isCall }]) => failureLine(id, isCall, failure));
  }

  return {
    fromClient(line, sent) {
      const message = parse(line);
      if (message?.method === undefined) return;
      const { id, method, params } = message;
      // Any other id is answered without one.
      if (isRequestId(id)) noteRequest(id, message, line, sent);
      else if (id !== undefined) return;
      else if (method === 'notifications/initialized') initialized = line;
      // A cancelled request gets no answer.
      else if (method === 'notifications/cancelled' && isRequestId(params?.requestId)) {
        const cancelledId = key(params.requestId);
        cancelled.cancel(cancelledId, pending.get(cancelledId));
        pending.delete(cancelledId);
      }
    },

    fromServer(line) {
      const message = parse(line);
      if (!message || message.method !== undefined || !isRequestId(message.id)) return true;
      const id = key(message.id);
      cancelled.noteAnswer(id, pending.get(id));
      pending.delete(id);
      if (initialize?.id === id) initialize.answered = true;
      return !swallowed.delete(id);
    },

    swallows: () => swallowed.size > 0,

    replay() {
      const lines: Buffer[] = [];
      swallowed.clear();
      if (initialize?.answered) {
        lines.push(initialize.line);
        swallowed.add(initialize.id);
        if (initialized) lines.push(initialized);
        for (const { id, line } of settings.values()) {
          if (pending.has(id)) continue;
          lines.push(line);
          swallowed.add(id);
        }
      }
      for (const { id, line } of cancelled.listAgain()) {
        lines.push(line);
        swallowed.add(id);
      }
      const refused: string[] = [];
      for (const [id, request] of pending) {
        if (request.sent >= MAX_SENT) {
          pending.delete(id);
          refused.push(failureLine(id, request.isCall, ENDED_EACH_TIME));
          continue;
        }
        const again = request.sent > 0 ? markCall(request.line, { [RESENT_META]: true }) : null;
        lines.push(again ?? request.line);
        request.sent += 1;
      }
      return { lines, refused };
    },

    pending: () => pending.size,

    fail,

    abandon(failure) {
      const ids = [...pending.keys()];
      for (const id of ids) swallowed.add(id);
      return { errors: fail(failure), cancels: ids.map(cancelLine) };
    },
  };
}

/** @param id as JSON */
function cancelLine(id: string): string {
  return `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id},"reason":"no answer in time"}}\n`;
}

/** The id as JSON, since 1 and "1" are two ids. */
function key(id: string | number): string {
  return JSON.stringify(id);
}

function settingKey(method: string, params: Envelope['params']): string {
  const uri = params?.uri;
  return typeof uri === 'string' ? `resource ${uri}` : method;
}
