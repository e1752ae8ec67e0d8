import type { ClientBase } from 'pg';
import type { Logger } from '../logger.js';
import { type OpenSignals, openSignals } from './open-signals.js';
import { createListeningConnect } from './server/connect-listening.js';

/** What an agent's process holds for as long as it lives, so that its death is seen at once by those who meet its locks. */
export interface LivenessLock {
  isHeld(): boolean;
  /** Resolves when the lock is held, or after `limitMs`. */
  untilHeld(limitMs: number): Promise<void>;
  /** Writes into the agent's row that its process holds the lock; for a row that was written after the lock was taken. */
  record(): Promise<void>;
}

export interface LiveSignals extends OpenSignals {
  livenessLock: LivenessLock;
}

export interface LivenessOptions {
  connectionString: string;
  agentId: string;
  logger: Logger;
}

const RECORD = `UPDATE agents SET has_liveness_lock = true, suspected_at = NULL, liveness_timeline = current_timeline() WHERE id = $1`;
/** To be connected again is a sign of life: after the database was away for long, all agents have been silent for long. */
const SEEN = 'UPDATE agents SET last_seen_at = now() WHERE id = $1';

/**
 * Signals, and the liveness lock of an agent's process, on one connection outside any pool: a session-level advisory lock
 * on the agent's id, which the database frees the moment the connection is gone, whatever ended the process. See the
 * function agent_liveness and docs/decisions/liveness.md. After a break it is taken again; while the server has not yet
 * given up the broken connection this waits, and that one counts until then.
 */
export function holdLivenessLock({ connectionString, agentId, logger }: LivenessOptions): LiveSignals {
  let holder: ClientBase | null = null;
  const waiting = new Set<() => void>();

  async function take(client: ClientBase): Promise<void> {
    await client.query(SEEN, [agentId]);
    await client.query('SELECT hold_liveness_lock($1)', [agentId]);
    await client.query(RECORD, [agentId]);
    holder = client;
    for (const resolve of [...waiting]) resolve();
  }

  const signals = openSignals({
    connect: createListeningConnect(connectionString, 'popstash-agent'),
    onConnected: take,
    onLost: () => {
      holder = null;
    },
    logger,
  });
  return {
    ...signals,
    livenessLock: {
      isHeld: () => holder !== null,
      async untilHeld(limitMs) {
        if (holder) return;
        await new Promise<void>((resolve) => {
          const done = (): void => {
            clearTimeout(timer);
            waiting.delete(done);
            resolve();
          };
          const timer = setTimeout(done, limitMs);
          waiting.add(done);
        });
      },
      async record() {
        await holder?.query(RECORD, [agentId]);
      },
    },
  };
}
