import { LIMITS } from '../../config.js';
import type { Logger } from '../../logger.js';
import type { Services } from '../services.js';

export interface LifeSigns {
  /** Sends heartbeats from now on; further calls change nothing. */
  start(): void;
  /** The agent holds locks, or may: from now on `worked` renews them. */
  mayHold(): void;
  /** The agent did something in this session: its locks are renewed. Returns at once. */
  worked(sessionId: string | null): void;
  stop(): void;
}

export interface LifeSignsOptions {
  agentId: string;
  ready: () => Promise<Services>;
  /** The branch where the agent works. */
  branch: () => Promise<string | null>;
  /** The database answered that the agent was declared disconnected. */
  onDisconnected: () => Promise<void>;
  logger: Logger;
}

/** Minimum interval between two renewals of locks, in ms: the first call renews at once, later ones together. */
const TOUCH_MS = 5_000;
/** An agent that makes no calls seldom changes its branch: that is looked up with each of so many heartbeats. */
const BEATS_A_BRANCH = 10;

/** Tells the database that an agent is alive: by heartbeats while it is connected, and by renewing its locks when it works. */
export function createLifeSigns({ agentId, ready, branch, onDisconnected, logger }: LifeSignsOptions): LifeSigns {
  const touched = new Set<string | null>();
  let holds = false;
  let hasWorked = false;
  let beats = 0;
  let stopped = false;
  let heartbeat: NodeJS.Timeout | undefined;
  let touchTimer: NodeJS.Timeout | undefined;
  let touchedAt = Number.NEGATIVE_INFINITY;

  /** @param sign resolves to false when the agent was declared disconnected */
  function send(sign: (services: Services) => Promise<boolean>): void {
    ready()
      .then(sign)
      .then((connected) => (connected ? undefined : onDisconnected()))
      .catch((error: unknown) => logger.debug({ err: error }, 'a sign of life was not stored'));
  }

  function beat(): void {
    const isBranchDue = hasWorked || beats % BEATS_A_BRANCH === 0;
    beats += 1;
    hasWorked = false;
    send(async (services) => {
      const beat = await services.agents.heartbeat(agentId, isBranchDue ? await branch() : null);
      // A hook of the client may have claimed a file for it.
      holds = beat.holds;
      // A long command of the client makes no call of ours meanwhile.
      if (holds && beat.isBusy) return await services.agents.touch(agentId, []);
      return beat.connected;
    });
  }

  function touch(): void {
    touchTimer = undefined;
    touchedAt = performance.now();
    // Without a session all locks of the agent are renewed.
    const sessions = touched.has(null) ? [] : [...touched].filter((id) => id !== null);
    touched.clear();
    send((services) => services.agents.touch(agentId, sessions));
  }

  return {
    start() {
      if (!stopped) heartbeat ??= setInterval(beat, LIMITS.heartbeatSeconds * 1000).unref();
    },
    mayHold() {
      holds = true;
    },
    worked(sessionId) {
      hasWorked = true;
      if (!holds || stopped) return;
      touched.add(sessionId);
      touchTimer ??= setTimeout(touch, Math.max(touchedAt + TOUCH_MS - performance.now(), 0)).unref();
    },
    stop() {
      stopped = true;
      clearInterval(heartbeat);
      clearTimeout(touchTimer);
    },
  };
}
