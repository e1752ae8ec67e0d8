import type { ThreadAnswer, ThreadRequest } from './thread-protocol.js';

/** Requests without the id, which is given here. */
export type ThreadWork = ThreadRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

/** Answers to a call. */
export type CallAnswer = Extract<ThreadAnswer, { id: number }>;

export interface ThreadCalls {
  /** Sends a request; resolves with its answer. @param signal cancels it, with the signal's reason */
  call(send: (request: ThreadRequest) => void, work: ThreadWork, signal?: AbortSignal): Promise<CallAnswer>;
  /** Gives an answer to its call; one that was cancelled meanwhile has none. */
  receive(answer: CallAnswer): void;
  underWay(): number;
  /** Rejects every call under way. */
  rejectAll(error: unknown): void;
}

interface Pending {
  resolve(answer: CallAnswer): void;
  reject(error: unknown): void;
}

/** The calls that are under way in a thread, each under an id of its own. */
export function createThreadCalls(): ThreadCalls {
  const pending = new Map<number, Pending>();
  let nextId = 1;
  return {
    call: (send, work, signal) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        const cancel = () => {
          if (!pending.delete(id)) return;
          send({ type: 'cancel', id });
          reject(signal?.reason);
        };
        const done = () => signal?.removeEventListener('abort', cancel);
        signal?.addEventListener('abort', cancel, { once: true });
        pending.set(id, {
          resolve: (answer) => {
            done();
            resolve(answer);
          },
          reject: (error) => {
            done();
            reject(error);
          },
        });
        send({ ...work, id });
      }),
    receive(answer) {
      const call = pending.get(answer.id);
      pending.delete(answer.id);
      call?.resolve(answer);
    },
    underWay: () => pending.size,
    rejectAll(error) {
      const calls = [...pending.values()];
      pending.clear();
      for (const call of calls) call.reject(error);
    },
  };
}
