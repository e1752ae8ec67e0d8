import { isRequestId } from '../mcp/transport/request-id.js';
import { createCancelledRequests, type PendingRequest } from './cancelled-requests.js';
import type { CallFailure } from './failure-line.js';
import { createPendingRequests } from './pending-requests.js';
import { type Envelope, owedId, parse, type ReadPart, toLine } from './read-envelope.js';

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
  /** Requests without an answer, oldest first; not those that are open for as long as the client likes. */
  pending(): number;
  /** Takes all pending requests out and returns an error line for each. */
  fail(failure: CallFailure): string[];
  /**
   * The same where the server still has the requests: also returns what cancels them there. Answers that come all the same
   * are for nobody.
   */
  abandon(failure: CallFailure): { errors: string[]; cancels: string[] };
}

/** Requests that a server remembers: the latest of each kind is told to its successor too. */
const STATEFUL = new Set(['logging/setLevel', 'resources/subscribe', 'resources/unsubscribe']);
/** It stays open until its client cancels it. */
const STREAM = 'subscriptions/listen';

/**
 * The client's side of an MCP session, kept so that servers can change under it. Requests are sent again when a server
 * goes before it answers: tools that write are idempotent on exact repeats, so that no call is lost and none is doubled.
 */
export function createBridgeSession(): BridgeSession {
  const pending = createPendingRequests();
  const streams = new Map<string, Buffer>();
  const cancelled = createCancelledRequests();
  const settings = new Map<string, { id: string; line: Buffer }>();
  const swallowed = new Set<string>();
  let initialize: { id: string; line: Buffer; answered: boolean } | null = null;
  let initialized: Buffer | null = null;

  function noteRequest(id: string, { method, params }: Envelope, request: PendingRequest): void {
    const { line } = request;
    if (method === STREAM) {
      streams.set(id, line);
      return;
    }
    if (method === 'initialize') initialize = { id, line, answered: false };
    else if (typeof method === 'string' && STATEFUL.has(method)) settings.set(settingKey(method, params), { id, line });
    pending.add(id, request);
  }

  function notePart(message: ReadPart, request: PendingRequest): void {
    const owed = owedId(message);
    if (owed === 'unnamed') pending.addUnnamed(request);
    else if (owed !== undefined && message) noteRequest(key(owed), message, request);
    else if (message?.method === 'notifications/initialized') initialized = request.line;
    else if (message?.method === 'notifications/cancelled') noteCancellation(message.params?.requestId);
  }

  function noteCancellation(requestId: unknown): void {
    if (!isRequestId(requestId)) return;
    const id = key(requestId);
    // A cancelled request gets no answer.
    if (!streams.delete(id)) cancelled.cancel(id, pending.get(id));
    pending.delete(id);
  }

  /** @returns false when the client must not see it */
  function noteAnswer(message: ReadPart): boolean {
    if (!message || message.method !== undefined) return true;
    if (message.id === null) pending.deleteUnnamed();
    if (!isRequestId(message.id)) return true;
    const id = key(message.id);
    cancelled.noteAnswer(id, pending.get(id));
    pending.delete(id);
    streams.delete(id);
    if (initialize?.id === id) initialize.answered = true;
    return !swallowed.delete(id);
  }

  return {
    fromClient(line, sent) {
      const { parts, isBatch } = parse(line);
      for (const part of parts) {
        const isCall = part?.method === 'tools/call';
        const own = isBatch ? { line: toLine(part) ?? line, batch: line } : { line };
        notePart(part, { ...own, isCall, sent: sent ? 1 : 0, at: performance.now() });
      }
    },

    fromServer: (line) => parse(line).parts.map(noteAnswer).every(Boolean),

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
      const again = pending.replay();
      return { lines: [...lines, ...streams.values(), ...again.lines], refused: again.refused };
    },

    pending: pending.size,

    fail: pending.fail,

    abandon(failure) {
      const ids = pending.ids();
      for (const id of ids) swallowed.add(id);
      return { errors: pending.fail(failure), cancels: ids.map(cancelLine) };
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
