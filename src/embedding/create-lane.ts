/** Ids to work off, each once at a time, in the order they came; whoever asks for a waiting id shares its promise. */
export interface Lane {
  /** Resolves when a group with this id, begun after the call, has been worked off. */
  add(id: string): Promise<void>;
  /** Rejects what waits; resolves when what is under way has ended. */
  close(error: unknown): Promise<void>;
}

interface Ticket {
  promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

export interface LaneSettings {
  /** Most ids of one group. */
  groupSize: number;
  /** Most groups under way at once. */
  groups: number;
  /** Works a group off. May return promises for ids that take longer: their callers wait for those instead. */
  work(ids: string[]): Promise<Map<string, Promise<void>>>;
}

export function createLane({ groupSize, groups, work }: LaneSettings): Lane {
  const waiting = new Map<string, Ticket>();
  const underWay = new Set<string>();
  const running = new Set<Promise<void>>();

  function start(): void {
    while (running.size < groups) {
      const group: [string, Ticket][] = [];
      for (const entry of waiting) {
        if (group.length >= groupSize) break;
        // Asked for again while it is being worked off: its text may have changed since, so it comes again afterwards.
        if (!underWay.has(entry[0])) group.push(entry);
      }
      if (group.length === 0) return;
      for (const [id] of group) {
        waiting.delete(id);
        underWay.add(id);
      }
      const run = runGroup(group).finally(() => {
        running.delete(run);
        start();
      });
      running.add(run);
    }
  }

  async function runGroup(group: [string, Ticket][]): Promise<void> {
    try {
      const later = await work(group.map(([id]) => id));
      for (const [id, ticket] of group) {
        const rest = later.get(id) ?? Promise.resolve();
        void rest.then(ticket.resolve, ticket.reject);
      }
    } catch (error) {
      for (const [, ticket] of group) ticket.reject(error);
    } finally {
      for (const [id] of group) underWay.delete(id);
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
  let settle: Omit<Ticket, 'promise'> | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle as Omit<Ticket, 'promise'>) };
}
