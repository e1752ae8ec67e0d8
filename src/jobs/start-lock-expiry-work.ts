import type { Pool } from 'pg';
import { repeat } from '../async/repeat.js';
import { LIMITS } from '../config.js';
import { createAgentRepository } from '../coordination/agents/agent-repository.js';
import { createAgentsService } from '../coordination/agents/agents-service.js';
import { createExpiryRepository } from '../coordination/expiry/expiry-repository.js';
import { createExpiryService } from '../coordination/expiry/expiry-service.js';
import type { Logger } from '../logger.js';
import type { QueueBackend } from '../queue/backend.js';
import { startConsumer } from '../queue/consumer.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import type { Work } from './start-embedding-work.js';

/** Between two sweeps, in ms: this, or until the next lock is due. */
const SWEEP_MS = 15_000;
const SOONEST_SWEEP_MS = 250;
/**
 * Between two looks at the proofs of life, in ms: a death is known about a second after it was first suspected, so these
 * keep it within two. Rarer where nobody proves anything, or so many do that the look costs something.
 */
const PROOF_MS = 400;
const RARE_PROOF_MS = 2_000;
const MANY_AGENTS = 300;
const PURGE_MS = 3_600_000;
/** Agents get this long, in ms, to be heard (again) before their silence counts. */
const HEARING_MS = 1.5 * LIMITS.heartbeatSeconds * 1_000;
/** The wall clock ahead of the monotonic one by this much, in ms, means that the machine slept. */
const SLEPT_MS = 5_000;

export interface LockExpiryWorkDeps {
  pool: Pool;
  backend: QueueBackend;
  logger: Logger;
  telemetry: Telemetry;
  /** Agents prove their life by a lock of the database (server mode); else by their sockets, and nobody need look. */
  agentsProveLife: boolean;
}

/** Ends what time or death has ended: locks, agents, their sessions. Any number of processes may do it. */
export function startLockExpiryWork(deps: LockExpiryWorkDeps): Work {
  const { pool, backend, logger, telemetry } = deps;
  const agents = createAgentsService({ repository: createAgentRepository(pool), telemetry });
  const service = createExpiryService({ repository: createExpiryRepository(pool), agents, telemetry, logger });
  const hearing = createHearing();

  const consumer = startConsumer({
    name: 'lock-expiry',
    backend,
    concurrency: 4,
    handler: ({ projectId }) => service.expire(projectId),
    logger,
    telemetry,
  });
  const loops = [
    repeat(
      async () => {
        const next = await service.sweep(hearing.isGood());
        return Math.min(Math.max(next ?? SWEEP_MS, SOONEST_SWEEP_MS), SWEEP_MS);
      },
      onFailure('sweep', RARE_PROOF_MS),
    ),
    repeat(
      async () => {
        await service.purge();
        return PURGE_MS;
      },
      onFailure('purge', SWEEP_MS),
    ),
  ];
  if (deps.agentsProveLife) {
    loops.push(
      repeat(
        async () => {
          const { active, suspected } = await service.endDead();
          return suspected || (active > 0 && active <= MANY_AGENTS) ? PROOF_MS : RARE_PROOF_MS;
        },
        onFailure('look for dead agents', PROOF_MS),
      ),
    );
  }

  function onFailure(what: string, againMs: number) {
    return (error: unknown): number => {
      logger.warn({ err: error }, `a ${what} failed`);
      hearing.lose();
      return againMs;
    };
  }

  return {
    close: async () => {
      await Promise.allSettled([consumer.close(), ...loops.map((loop) => loop.stop())]);
    },
  };
}

/**
 * Silence means something only when those who live could be heard for a while: not when this has just begun, the
 * database was away or this machine asleep.
 */
function createHearing() {
  let offset = Date.now() - performance.now();
  let since = performance.now();
  return {
    isGood(): boolean {
      const now = Date.now() - performance.now();
      if (Math.abs(now - offset) > SLEPT_MS) since = performance.now();
      offset = now;
      return performance.now() - since > HEARING_MS;
    },
    lose(): void {
      since = performance.now();
    },
  };
}
