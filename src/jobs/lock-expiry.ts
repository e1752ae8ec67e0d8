import * as z from 'zod';
import { LIMITS } from '../config.js';
import { defineJob } from './define-job.js';

/** Between two sweeps, in ms: until the next lock is due, within these bounds. */
const MAX_SWEEP_MS = 15_000;
const MIN_SWEEP_MS = 250;
/**
 * Between two checks of liveness, in ms: a death is known about a second after it was first suspected, so these keep it
 * within two. Rarer where no agent takes part, or so many do that a check costs something.
 */
const CHECK_MS = 400;
const RARE_CHECK_MS = 2_000;
const MAX_OFTEN_CHECKED_AGENTS = 300;
const PURGE_MS = 3_600_000;
/** Agents get this long, in ms, to be heard (again) before their silence counts. */
const GRACE_MS = 1.5 * LIMITS.heartbeatSeconds * 1_000;
/** The wall clock ahead of the monotonic one by this much, in ms, means that the machine slept. */
const SLEPT_MS = 5_000;

/** Ends locks whose time is up, and agents that died. Any number of processes may do it. */
export const lockExpiry = defineJob({
  name: 'lock-expiry',
  payload: z.object({ projectId: z.string(), lockId: z.string() }),
  options: { attempts: 3 },
  throttle: { key: ({ projectId }) => projectId, everyMs: 5_000 },
  concurrency: { redis: 4, postgres: 4 },
  runsIn: ['container', 'local-server'],
  database: { connections: 3, statementTimeoutMs: 30_000 },
  needs: ['pool', 'mode'],
  async start({ pool, mode, logger, telemetry }) {
    const [
      { createAgentRepository },
      { createAgentsService },
      { createExpiryRepository },
      { createExpiryService },
      { createTaskLinks },
    ] = await Promise.all([
      import('../coordination/agents/agent-repository.js'),
      import('../coordination/agents/agents-service.js'),
      import('../coordination/expiry/expiry-repository.js'),
      import('../coordination/expiry/expiry-service.js'),
      import('../accountability/linking/task-links.js'),
    ]);
    const links = createTaskLinks({ pool, logger });
    const agents = createAgentsService({ repository: createAgentRepository(pool), telemetry, links });
    const service = createExpiryService({ repository: createExpiryRepository(pool), agents, telemetry, logger });
    const grace = createGracePeriod();

    async function sweep(): Promise<number> {
      const next = await service.sweep(grace.isOver());
      return Math.min(Math.max(next ?? MAX_SWEEP_MS, MIN_SWEEP_MS), MAX_SWEEP_MS);
    }

    async function purge(): Promise<number> {
      await service.purge();
      return PURGE_MS;
    }

    async function endDead(): Promise<number> {
      const { active, suspected } = await service.endDead();
      return suspected || (active > 0 && active <= MAX_OFTEN_CHECKED_AGENTS) ? CHECK_MS : RARE_CHECK_MS;
    }

    const repeats = [
      { name: 'sweep', run: () => grace.during(sweep), retryMs: RARE_CHECK_MS },
      { name: 'purge', run: () => grace.during(purge), retryMs: MAX_SWEEP_MS },
    ];
    // By a lock of the database in server mode; in embedded mode the local server sees their sockets close.
    if (mode === 'server') {
      repeats.push({ name: 'check of liveness', run: () => grace.during(endDead), retryMs: CHECK_MS });
    }
    const unobserve = telemetry.metrics.observeAgents(agents.countActive);
    const close = async () => {
      unobserve();
      await links.flush();
    };
    return { handle: ({ projectId }) => service.expire(projectId), repeats, close };
  },
});

/**
 * An agent's silence counts only when agents could be heard for a while: not when this process has just started, the
 * database was away or this machine asleep.
 */
function createGracePeriod() {
  let offset = Date.now() - performance.now();
  let since = performance.now();
  return {
    isOver(): boolean {
      const now = Date.now() - performance.now();
      if (Math.abs(now - offset) > SLEPT_MS) since = performance.now();
      offset = now;
      return performance.now() - since > GRACE_MS;
    },
    /** Runs `work`; its failure starts the grace period again. */
    async during<T>(work: () => Promise<T>): Promise<T> {
      try {
        return await work();
      } catch (error) {
        since = performance.now();
        throw error;
      }
    },
  };
}
