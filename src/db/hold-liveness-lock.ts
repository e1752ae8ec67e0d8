import type { ClientBase } from 'pg';
import type { Logger } from '../logger.js';
import { type OpenSignals, openSignals } from './open-signals.js';
import { createListeningConnect } from './server/connect-listening.js';

/** What an agent's process holds for as long as it lives, so that its death is seen at once by those who meet its locks. */
export interface LivenessLock {
  isHeld(agentId: string): boolean;
  /**
   * Resolves when the agent's lock is held, or after `limitMs`. Of an agent that this process has not held before, it is
   * taken now; without success where another process of the agent has it.
   */
  untilHeld(agentId: string, limitMs: number): Promise<void>;
  /** Writes into the agent's row that its process holds the lock; for a row that was written after the lock was taken. */
  record(agentId: string): Promise<void>;
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
/** As hold_liveness_lock, without waiting for another process that has it. */
const TRY = 'SELECT try_hold_liveness_lock($1) AS taken';
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
  /** Agents of this process, and those whose lock it has now. */
  const agents = new Set([agentId]);
  const held = new Set<string>();
  const waiting = new Set<() => void>();

  async function take(client: ClientBase): Promise<void> {
    for (const agent of agents) {
      await client.query(SEEN, [agent]);
      await client.query('SELECT hold_liveness_lock($1)', [agent]);
      await client.query(RECORD, [agent]);
      held.add(agent);
    }
    holder = client;
    for (const resolve of [...waiting]) resolve();
  }

  async function add(client: ClientBase, agent: string): Promise<void> {
    const { rows } = await client.query<{ taken: boolean }>(TRY, [agent]);
    if (!rows[0]?.taken) return;
    agents.add(agent);
    held.add(agent);
  }

  async function untilConnected(limitMs: number): Promise<void> {
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
  }

  const signals = openSignals({
    connect: createListeningConnect(connectionString, 'popstash-agent'),
    onConnected: take,
    onLost: () => {
      holder = null;
      held.clear();
    },
    logger,
  });
  return {
    ...signals,
    livenessLock: {
      isHeld: (agent) => held.has(agent),
      async untilHeld(agent, limitMs) {
        await untilConnected(limitMs);
        if (holder && !held.has(agent)) await add(holder, agent).catch(() => undefined);
      },
      async record(agent) {
        await holder?.query(RECORD, [agent]);
      },
    },
  };
}
