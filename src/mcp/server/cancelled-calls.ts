import type { RequestId } from '@modelcontextprotocol/server';
import { LRUCache } from 'lru-cache';
import type { Logger } from '../../logger.js';

/** A call that may be cancelled by its client until some time after its answer. */
export interface CancellableCall {
  signal: AbortSignal;
  /** Cancels it, as its client may. */
  cancel(): void;
  /** Keeps how what this call has done is given back if the call is cancelled. */
  onCancelled(giveBack: () => Promise<void>): void;
  /** The call has its answer; gives back when it was cancelled before. Never rejects. */
  done(): Promise<void>;
}

export interface CancelledCalls {
  /**
   * @param id null where several clients' ids come together: such a call is cancelled by its signal alone
   * @param signal of the protocol's library, which knows no call by the id 0 and none that is answered
   */
  open(id: RequestId | null, signal: AbortSignal): CancellableCall;
  /** The client has cancelled this call. */
  cancel(id: RequestId): void;
}

/** Answers and cancellations cross on their way: a client that cancels drops an answer that comes meanwhile. In ms. */
const LATE_MS = 30_000;
const MAX_CALLS = 200;

interface Entry {
  controller: AbortController;
  giveBacks: (() => Promise<void>)[];
  isDone: boolean;
}

function newEntry(): Entry {
  return { controller: new AbortController(), giveBacks: [], isDone: false };
}

/** Makes a cancelled call leave nothing behind, whether the cancellation comes before, while or just after it is answered. */
export function createCancelledCalls(logger: Logger): CancelledCalls {
  const calls = new LRUCache<RequestId, Entry>({ max: MAX_CALLS, ttl: LATE_MS });

  async function giveBack({ giveBacks }: Entry): Promise<void> {
    for (const undo of giveBacks.splice(0)) {
      await undo().catch((error: unknown) => logger.warn({ err: error }, 'a cancelled call could not be given back'));
    }
  }

  function cancelEntry(entry: Entry): void {
    entry.controller.abort();
    if (entry.isDone) void giveBack(entry);
  }

  return {
    open(id, signal) {
      const early = id === null ? undefined : calls.get(id);
      const entry = early && !early.isDone ? early : newEntry();
      const abort = () => entry.controller.abort();
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      // A call that takes longer than an answer is remembered is cancelled by the library's signal.
      if (id !== null) calls.set(id, entry);
      return {
        signal: entry.controller.signal,
        cancel: () => cancelEntry(entry),
        onCancelled: (undo) => void entry.giveBacks.push(undo),
        async done() {
          signal.removeEventListener('abort', abort);
          entry.isDone = true;
          if (entry.controller.signal.aborted) await giveBack(entry);
          else if (id === null) return;
          else if (entry.giveBacks.length > 0) calls.set(id, entry);
          else calls.delete(id);
        },
      };
    },

    cancel(id) {
      const entry = calls.get(id) ?? newEntry();
      // Of a call that has not been opened yet.
      calls.set(id, entry);
      cancelEntry(entry);
    },
  };
}
