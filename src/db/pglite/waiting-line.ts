export interface WaitingLineOptions<T> {
  /** So long others go before this client, in ms. */
  yieldsMs: (client: T) => number;
  /** Longest wait, in ms, at this moment. */
  limitMs: () => number;
  /** How long the database has worked in all, in ms: time that does not count as waiting. */
  workedMs: () => number;
  /** It waited too long and is no longer in the line. */
  onRefused: (client: T) => void;
  /** The same, of all at once: there is nothing to wait for. */
  onAllRefused: (client: T) => void;
}

export interface WaitingLine<T> {
  push(client: T): void;
  /** Takes out the client that is next: the one that waits longest, of those that need not yield to others. */
  shift(): T | undefined;
  remove(client: T): void;
  refuseAll(): void;
}

/** The work may have been done within one round of the event loop: only waiting in rounds without any counts. In ms. */
const MIN_CHECK_MS = 10;
/** The limit may change while a client waits: it is read at least this often, in ms. */
const MAX_CHECK_MS = 1_000;

/**
 * Those who wait for the session, first come, first served; some let others go first. A client that waits too long is refused.
 */
export function createWaitingLine<T>(options: WaitingLineOptions<T>): WaitingLine<T> {
  /** In order of arrival; each with the timer of its refusal. */
  const waiting = new Map<T, { since: number; timer: NodeJS.Timeout }>();

  function remove(client: T): void {
    clearTimeout(waiting.get(client)?.timer);
    waiting.delete(client);
  }

  function next(): T | undefined {
    const now = performance.now();
    let first: T | undefined;
    for (const [client, { since }] of waiting) {
      if (now - since >= options.yieldsMs(client)) return client;
      first ??= client;
    }
    return first;
  }

  return {
    push(client) {
      const since = performance.now();
      const workedBefore = options.workedMs();
      const check = (): void => {
        const waited = performance.now() - since - (options.workedMs() - workedBefore);
        const left = options.limitMs() - waited;
        if (left > 0) {
          waiting.set(client, { since, timer: setTimeout(check, pause(left)) });
          return;
        }
        remove(client);
        options.onRefused(client);
      };
      waiting.set(client, { since, timer: setTimeout(check, pause(options.limitMs())) });
    },
    shift() {
      const client = next();
      if (client !== undefined) remove(client);
      return client;
    },
    remove,
    refuseAll() {
      for (const client of [...waiting.keys()]) {
        remove(client);
        options.onAllRefused(client);
      }
    },
  };
}

function pause(leftMs: number): number {
  return Math.min(Math.max(leftMs, MIN_CHECK_MS), MAX_CHECK_MS);
}
