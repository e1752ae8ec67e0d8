import type { Services } from '../services.js';
import type { ClientFacts } from './callers.js';
import type { Caller } from './open-caller.js';

/** How long agents live whose client's process is not seen. */
export interface AgentLeases {
  /**
   * A call for an agent begins.
   * @returns whether another process has answered for it since
   * @throws AppError where it is not the caller's to use
   */
  begin(agentId: string): Promise<{ isStale: boolean }>;
  /** A call for an agent has its answer. */
  end(agentId: string): void;
}

export interface KnownCallersOptions {
  leases: AgentLeases | undefined;
  open: (agentId: string, client: ClientFacts, onEnded: () => void) => Caller;
  /** An agent is known no longer. */
  onGone: (agentId: string, caller: Caller) => void;
}

/** The agents that are called for here. */
export interface KnownCallers {
  all(): Caller[];
  has(agentId: string): boolean;
  get(agentId: string): Caller | undefined;
  /** Makes an agent known; nothing is stored of it yet. */
  seat(agentId: string, client: ClientFacts): Caller;
  /**
   * A call for an agent begins.
   * @param prepare what comes before the call
   * @throws AppError where it is not the caller's to use, and as `prepare` does
   */
  admit(agentId: string, client: ClientFacts, prepare?: (caller: Caller) => Promise<void>): Promise<Caller>;
  /** Forgets an agent. @returns it, where it was known */
  take(agentId: string): Caller | undefined;
  /** Forgets an agent, which goes on elsewhere. */
  drop(agentId: string): void;
  /** Listens from now on for what concerns them. */
  listen(services: Services): void;
}

export function createKnownCallers({ leases, open, onGone }: KnownCallersOptions): KnownCallers {
  const callers = new Map<string, Caller>();
  let services: Services | undefined;

  function seat(agentId: string, client: ClientFacts): Caller {
    const known = callers.get(agentId);
    if (known) return known;
    const caller = open(agentId, client, () => drop(agentId));
    callers.set(agentId, caller);
    if (services) caller.listen(services);
    return caller;
  }

  function take(agentId: string): Caller | undefined {
    const caller = callers.get(agentId);
    callers.delete(agentId);
    if (caller) onGone(agentId, caller);
    return caller;
  }

  function drop(agentId: string): void {
    take(agentId)?.leave();
  }

  return {
    all: () => [...callers.values()],
    has: (agentId) => callers.has(agentId),
    get: (agentId) => callers.get(agentId),
    seat,
    async admit(agentId, client, prepare) {
      const lease = await leases?.begin(agentId);
      try {
        const isKnown = callers.has(agentId);
        const caller = seat(agentId, client);
        // One that is seated just now reads its tasks when it registers.
        if (lease?.isStale && isKnown) await caller.presence.refresh();
        await prepare?.(caller);
        return caller;
      } catch (error) {
        leases?.end(agentId);
        throw error;
      }
    },
    take,
    drop,
    listen(opened) {
      services = opened;
      for (const caller of callers.values()) caller.listen(opened);
    },
  };
}
