/** Ids to work on in batches, each id once at a time, in the order in which they were added. */
export interface BatchQueue {
  /**
   * Resolves when a batch with this id that began after the call is done. An id that waits already is not queued again:
   * its callers share one promise.
   */
  add(id: string): Promise<void>;
  /** Rejects what waits; resolves when what is under way has ended. */
  close(error: unknown): Promise<void>;
}

interface Ticket {
  promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

export interface BatchQueueSettings {
  /** Ids of one batch. */
  maxBatchSize: number;
  /** Batches under way at once. */
  maxBatches: number;
  /** Works on a batch. May return promises for ids that take longer: their callers wait for those instead. */
  work(ids: string[]): Promise<Map<string, Promise<void>>>;
}

export function createBatchQueue({ maxBatchSize, maxBatches, work }: BatchQueueSettings): BatchQueue {
  const waiting = new Map<string, Ticket>();
  const underWay = new Set<string>();
  const running = new Set<Promise<void>>();

  function start(): void {
    while (running.size < maxBatches) {
      const batch = takeBatch();
      if (batch.length === 0) return;
      const run = runBatch(batch).finally(() => {
        running.delete(run);
        start();
      });
      running.add(run);
    }
  }

  function takeBatch(): [string, Ticket][] {
    const batch: [string, Ticket][] = [];
    for (const entry of waiting) {
      if (batch.length >= maxBatchSize) break;
      // An id may be added while a batch works on it. Its text may have changed since, so it is in a later batch again.
      if (!underWay.has(entry[0])) batch.push(entry);
    }
    for (const [id] of batch) {
      waiting.delete(id);
      underWay.add(id);
    }
    return batch;
  }

  async function runBatch(batch: [string, Ticket][]): Promise<void> {
    try {
      const later = await work(batch.map(([id]) => id));
      for (const [id, ticket] of batch) {
        const rest = later.get(id) ?? Promise.resolve();
        void rest.then(ticket.resolve, ticket.reject);
      }
    } catch (error) {
      for (const [, ticket] of batch) ticket.reject(error);
    } finally {
      for (const [id] of batch) underWay.delete(id);
    }
  }

  return {
    add(id) {
      const known = waiting.get(id);
      if (known) return known.promise;
      const ticket = createTicket();
      waiting.set(id, ticket);
      start();
      return ticket.promise;
    },
    async close(error) {
      const dropped = [...waiting.values()];
      waiting.clear();
      for (const ticket of dropped) ticket.reject(error);
      await Promise.all(running);
    },
  };
}

function createTicket(): Ticket {
  let ends: Omit<Ticket, 'promise'> | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    ends = { resolve, reject };
  });
  return { promise, ...(ends as Omit<Ticket, 'promise'>) };
}
