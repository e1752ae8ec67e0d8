import { LIMITS } from '../../config.js';
import type { Logger } from '../../logger.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import type { AgentsService } from '../agents/agents-service.js';
import type { ExpiryRepository } from './expiry-repository.js';

export type ExpiryService = ReturnType<typeof createExpiryService>;

export interface ExpiryServiceDeps {
  repository: ExpiryRepository;
  agents: AgentsService;
  telemetry: Telemetry;
  logger: Logger;
}

/**
 * Records what time has ended. Nobody waits for it: a lock that is over is free to the next taker before this has seen
 * it, and a dead agent's to whoever meets it. Idempotent; safe beside another of its kind.
 */
export function createExpiryService({ repository, agents, telemetry, logger }: ExpiryServiceDeps) {
  async function expire(projectId: string): Promise<void> {
    for (const lock of await repository.expire(projectId)) {
      await telemetry.withSpan(
        'pop_stash.lock.expire',
        { 'lock.id': lock.id, 'lock.pattern': lock.pattern, 'agent.id': lock.agentId },
        async () => undefined,
      );
      logger.info({ lock: lock.id, pattern: lock.pattern, agent: lock.agentId }, 'a lock expired');
    }
  }

  async function end(agentIds: readonly string[], reason: string): Promise<void> {
    for (const id of agentIds) {
      if (await agents.disconnect(id, reason)) logger.info({ agent: id, reason }, 'an agent is gone');
    }
  }

  return {
    /** Ends the locks of a project whose time is up. */
    expire,

    /**
     * Ends what is over in all projects, warns those whose locks end soon.
     * @param judgeSilence false while silence means nothing: after the database was away, or this machine asleep
     * @returns ms until the next lock is due; null when there is none
     */
    async sweep(judgeSilence: boolean): Promise<number | null> {
      for (const projectId of await repository.listDue()) await expire(projectId);
      if (judgeSilence) {
        const silent = await repository.listSilent(LIMITS.deadAfterSeconds);
        await end(silent, `no sign of life for ${LIMITS.deadAfterSeconds} s`);
      }
      await repository.warn();
      await repository.forgetWaiters();
      return repository.untilNext();
    },

    /** Ends agents whose process is gone. @returns what the next look's time depends on */
    async endDead(): Promise<{ active: number; suspected: boolean }> {
      const { gone, ...rest } = await repository.findLostProofs();
      await end(gone, 'its process is gone');
      return rest;
    },

    purge: () => repository.purge(),
  };
}
