import { LIMITS } from '../../config.js';
import type { Logger } from '../../logger.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import type { AgentsService } from '../agents/agents-service.js';
import type { ExpiryRepository } from './expiry-repository.js';

export interface ExpiryServiceDeps {
  repository: ExpiryRepository;
  agents: AgentsService;
  telemetry: Telemetry;
  logger: Logger;
}

/**
 * The one owner of time in coordination, run by the job lock-expiry (src/jobs/lock-expiry.ts). By the database's clock it
 * - ends locks whose time is up, and grants them to the next in the queue;
 * - warns holders of locks that end soon unless they give a sign of life;
 * - ends tasks that gave no sign of life for LIMITS.idleTaskHours, once their locks have ended;
 * - ends agents whose process is dead, or that were silent for too long, with all that they hold;
 * - deletes positions in queues that nobody keeps, and ended locks, notices and writes of files of days ago.
 *
 * Nobody waits for it: a lock whose time is up is free to the next taker before this has ended it, and a dead agent's to
 * those who meet it. Idempotent; safe beside another of its kind.
 */
export function createExpiryService({ repository, agents, telemetry, logger }: ExpiryServiceDeps) {
  async function expire(projectId: string): Promise<void> {
    for (const lock of await repository.expire(projectId)) {
      telemetry.record('pop_stash.lock.expire', {
        'lock.id': lock.id,
        'lock.pattern': lock.pattern,
        'agent.id': lock.agentId,
      });
      telemetry.metrics.lockEnded(lock.id, 'expire');
      logger.info({ lock: lock.id, pattern: lock.pattern, agent: lock.agentId }, 'a lock expired');
    }
  }

  async function end(agentIds: readonly string[], reason: string): Promise<void> {
    for (const id of agentIds) {
      if (await agents.disconnect(id, reason)) logger.info({ agent: id, reason }, 'an agent was ended');
    }
  }

  return {
    /** Ends the locks of a project whose time is up. */
    expire,

    /**
     * Ends what is over in all projects, warns those whose locks end soon.
     * @param endsSilent false while silence means nothing: after the database was away, or this machine asleep
     * @returns ms until the next lock is due; null when there is none
     */
    async sweep(endsSilent: boolean): Promise<number | null> {
      for (const projectId of await repository.listDue()) await expire(projectId);
      if (endsSilent) await end(await repository.listSilent(LIMITS.deadAfterSeconds), 'silent');
      for (const { id, agentId } of await repository.endIdle(LIMITS.idleTaskHours * 3_600)) {
        telemetry.record('pop_stash.session.end', { 'session.id': id, status: 'abandoned', 'agent.id': agentId });
        logger.info({ session: id, agent: agentId }, 'an idle task was ended');
      }
      await repository.warn();
      await repository.deleteDeadWaiters();
      return repository.untilNext();
    },

    /** Ends agents whose process is dead. @returns what the time of the next check depends on */
    async endDead(): Promise<{ active: number; suspected: boolean }> {
      const { dead, ...rest } = await repository.findDead();
      await end(dead, 'process_gone');
      return rest;
    },

    purge: () => repository.purge(),
  };
}
