import type { Tool } from '../define-tool.js';
import type { Services } from '../services.js';
import type { Caller } from './open-caller.js';

/** What tells who makes a call. */
export interface CallFacts {
  tool: Tool;
  args: Record<string, unknown> | undefined;
  requestId: string | number;
  /** The client's own id of the call; null where it says none. */
  callId: string | null;
  client: ClientFacts;
  /** It was sent again after a lost connection. */
  isResent: boolean;
}

/** What a client says of itself. */
export interface ClientFacts {
  name: string;
  version: string;
}

/** Who calls over one connection. */
export interface Callers {
  /** The project is to be known before a caller is. */
  needsProject: boolean;
  /** @throws AppError where the call has to name who makes it, and does not */
  find(call: CallFacts, services: Services): Promise<Caller>;
  /** The call has its answer. */
  answered(call: CallFacts, caller: Caller): void;
  /** Whether an agent was seen on this connection: its tasks may be the caller's own. */
  isKnown(agentId: string): boolean;
  /** Listens from now on for what concerns them. */
  listen(services: Services): void;
  /** Another process has answered for them meanwhile: their tasks are read again. @throws while storage is away */
  refresh(): Promise<void>;
  end(reason: string): Promise<void>;
  leave(): void;
}

/** In the revisions with `initialize` a connection is one agent. */
export function createConnectionCaller(caller: Caller): Callers {
  return {
    needsProject: false,
    find: () => Promise.resolve(caller),
    answered: () => undefined,
    isKnown: () => false,
    listen: caller.listen,
    refresh: caller.presence.refresh,
    end: caller.end,
    leave: caller.leave,
  };
}
