import { LIMITS } from '../../config.js';
import type { AgentRow } from '../../coordination/agents/agent-repository.js';
import type { Logger } from '../../logger.js';
import type { Project } from '../../project/resolve-project.js';
import type { Services } from '../services.js';

export interface AgentPresenceOptions {
  agentId: string;
  project: Project;
  /** The agent's row as it is known when it is written. */
  describe: () => Omit<AgentRow, 'id'>;
  ready: () => Promise<Services>;
  /** The agent was known before this connection, or is again: notices may wait for it. */
  onReturn: () => void;
  logger: Logger;
}

export interface AgentPresence {
  /** Writes the agent's row, once; a failure is tried again by the next call. */
  register(): Promise<void>;
  /** Again, after the agent was declared gone. */
  registerAnew(): Promise<void>;
  /** The session that a call acts in: the one it names, else the only one that is active. */
  choose(named: unknown): string | null;
  sessionStarted(id: string): void;
  sessionEnded(id: string): void;
  /** The agent holds locks, or may: from now on its calls renew them. */
  mayHold(): void;
  /** The agent did something: its locks live on. Returns at once. */
  worked(sessionId: string | null): void;
  /** No further sign of life; the agent's row stays as it is. */
  stop(): void;
  /** Ends the agent. Never rejects. */
  end(reason: string): Promise<void>;
}

/** Between two renewals of locks, in ms: the first call's at once, later ones' together. */
const TOUCH_MS = 5_000;

/** An agent's place in the database for as long as its connection lasts: its row, its tasks, its signs of life. */
export function createAgentPresence(options: AgentPresenceOptions): AgentPresence {
  const { agentId, ready, logger } = options;
  let registered: Promise<void> | undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  let sessions: string[] = [];
  let holds = false;
  let ended = false;
  const seen = new Set<string | null>();
  let touchedAt = Number.NEGATIVE_INFINITY;
  let touchTimer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const services = await ready();
    const { as } = await services.agents.connect(options.project, { id: agentId, ...options.describe() });
    if (as === 'new') return;
    sessions = as === 'returned' ? (await services.sessions.listActive(agentId)).map(({ id }) => id) : [];
    holds = true;
    options.onReturn();
  }

  async function register(): Promise<void> {
    registered ??= connect();
    const current = registered;
    try {
      await current;
    } catch (error) {
      if (registered === current) registered = undefined;
      throw error;
    }
    if (!ended) heartbeat ??= setInterval(beat, LIMITS.heartbeatSeconds * 1000).unref();
  }

  async function registerAnew(): Promise<void> {
    if (ended) return;
    registered = undefined;
    await register();
  }

  /** @param sign false says that the agent was declared gone */
  function give(sign: (services: Services) => Promise<boolean>): void {
    ready()
      .then(sign)
      .then((connected) => (connected ? undefined : registerAnew()))
      .catch((error: unknown) => logger.debug({ err: error }, 'a sign of life was not heard'));
  }

  function beat(): void {
    give(async (services) => {
      const beat = await services.agents.heartbeat(agentId);
      // A hook of the client may have claimed a file for it.
      holds = beat.holds;
      return beat.connected;
    });
  }

  function touch(): void {
    touchTimer = undefined;
    touchedAt = performance.now();
    const named = seen.has(null) ? [] : [...seen].filter((id) => id !== null);
    seen.clear();
    give((services) => services.agents.touch(agentId, named));
  }

  function stop(): void {
    ended = true;
    clearInterval(heartbeat);
    clearTimeout(touchTimer);
  }

  return {
    register,
    registerAnew,
    choose(named) {
      if (typeof named === 'string' && sessions.includes(named)) return named;
      return sessions.length === 1 ? (sessions[0] ?? null) : null;
    },
    sessionStarted(id) {
      holds = true;
      if (!sessions.includes(id)) sessions.push(id);
    },
    sessionEnded(id) {
      sessions = sessions.filter((session) => session !== id);
    },
    mayHold() {
      holds = true;
    },
    worked(sessionId) {
      if (!holds || ended) return;
      seen.add(sessionId);
      touchTimer ??= setTimeout(touch, Math.max(touchedAt + TOUCH_MS - performance.now(), 0)).unref();
    },
    stop,
    async end(reason) {
      stop();
      if (!registered) return;
      await registered
        .then(ready)
        .then((services) => services.agents.disconnect(agentId, reason))
        .catch((error: unknown) => logger.debug({ err: error }, 'the end of the connection could not be recorded'));
    },
  };
}
