import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import type { ReadSingle } from './read-message.js';

type Id = string | number;

interface Batch {
  answers: JSONRPCMessage[];
  /** Requests without an answer. */
  owed: Set<Id>;
}

export interface OwedAnswers {
  /** A message of the client was read. @param sentAt when it may have been sent, by performance.now() */
  note(message: JSONRPCMessage, sentAt: number): void;
  /** A batch was read, before its messages are noted. @returns what is to be written at once: refusals, if that is all */
  noteBatch(batch: readonly ReadSingle[]): JSONRPCMessage[] | null;
  /** A message for the client. @returns what is to be written now: answers to one batch go out together, in one line */
  collect(message: JSONRPCMessage): JSONRPCMessage | JSONRPCMessage[] | null;
  /** The answer is written. */
  written(message: JSONRPCMessage): void;
  /** A request gets no answer. @returns the other answers of its batch, if it was what they waited for */
  drop(id: Id): JSONRPCMessage[] | null;
  sentAt(id: Id): number | undefined;
  /** Streams of changes that the client has open. */
  streams(): number;
  isEmpty(): boolean;
}

/** It has its answer when its client ends it: nobody waits for that. */
const STREAM = 'subscriptions/listen';

/** What one client is owed. */
export function createOwedAnswers(): OwedAnswers {
  const owed = new Map<Id, number>();
  const streams = new Set<Id>();
  const batches = new Map<Id, Batch>();

  function settle(id: Id, answer: JSONRPCMessage | null): JSONRPCMessage[] | null {
    const batch = batches.get(id);
    if (!batch) return null;
    batches.delete(id);
    batch.owed.delete(id);
    if (answer) batch.answers.push(answer);
    return batch.owed.size === 0 && batch.answers.length > 0 ? batch.answers : null;
  }

  return {
    note(message, sentAt) {
      const id = requestId(message);
      if (id !== undefined) owed.set(id, sentAt);
      const stream = streamId(message);
      if (stream !== undefined) streams.add(stream);
    },
    noteBatch(parts) {
      const ids = parts.flatMap((one) => ('message' in one ? (requestId(one.message) ?? []) : []));
      const refusals = parts.flatMap((one) =>
        'refused' in one && one.answer !== null ? [JSON.parse(one.answer)] : [],
      );
      const batch: Batch = { answers: refusals, owed: new Set(ids) };
      for (const id of batch.owed) batches.set(id, batch);
      return ids.length === 0 && refusals.length > 0 ? refusals : null;
    },
    collect(message) {
      const id = answeredId(message);
      return id !== undefined && batches.has(id) ? settle(id, message) : message;
    },
    written(message) {
      const id = answeredId(message);
      if (id !== undefined) owed.delete(id);
      if (id !== undefined) streams.delete(id);
    },
    drop(id) {
      owed.delete(id);
      streams.delete(id);
      return settle(id, null);
    },
    sentAt: (id) => owed.get(id),
    streams: () => streams.size,
    isEmpty: () => owed.size === 0,
  };
}

function streamId(message: JSONRPCMessage): Id | undefined {
  return 'method' in message && 'id' in message && message.method === STREAM ? message.id : undefined;
}

function requestId(message: JSONRPCMessage): Id | undefined {
  return 'method' in message && 'id' in message && message.method !== STREAM ? message.id : undefined;
}

function answeredId(message: JSONRPCMessage): Id | undefined {
  return 'id' in message && !('method' in message) ? message.id : undefined;
}
