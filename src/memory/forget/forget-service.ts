import { logActivitySpan } from '../../accountability/activity/log-span.js';
import type { Actor } from '../../actor/actor.js';
import { LIMITS } from '../../config.js';
import { isUniqueViolation } from '../../db/database-errors.js';
import { AppError } from '../../errors.js';
import { checkText } from '../../text/check-text.js';
import type { MemoryWriteDeps } from '../memory-deps.js';
import { kindOfId } from '../memory-ids.js';
import type { MemoryKind } from '../memory-types.js';
import type { ForgetRepository } from './forget-repository.js';

export interface ForgottenMemory {
  id: string;
  kind: MemoryKind;
  label: string;
  forgottenAt: Date;
  restorableDays: number;
}

export type ForgetService = ReturnType<typeof createForgetService>;

export function createForgetService(deps: MemoryWriteDeps & { repository: ForgetRepository }) {
  const { repository, enqueueEmbedding, redactor, telemetry } = deps;

  async function explain(projectId: string, kind: MemoryKind, id: string): Promise<never> {
    const state = await repository.findState(projectId, kind, id);
    if (state?.forgottenAt) {
      throw new AppError({
        code: 'conflict',
        message: `${id} was forgotten already (at ${state.forgottenAt.toISOString()}).`,
        fix: `Nothing to do; within ${LIMITS.forgottenDays} days a person can run: popstash restore ${id}`,
      });
    }
    if (state?.supersededBy) {
      throw new AppError({
        code: 'conflict',
        message: `${id} is an old version, superseded by ${state.supersededBy}; it is never returned by search.`,
        fix: `To forget the current version call forget with id "${state.supersededBy}".`,
      });
    }
    throw new AppError({
      code: 'not_found',
      message: `There is no ${kind} ${id} in this project.`,
      fix: 'Take the id from the answer of recall, pop or get_decisions.',
    });
  }

  return {
    /**
     * Soft-deletes a stash, insight or decision: it no longer answers, and can be restored for 30 days.
     * @throws AppError `invalid_argument`, `not_found` or `conflict`.
     */
    async forget(actor: Actor, id: string, reason: string | null): Promise<ForgottenMemory> {
      const kind = kindOfId(id);
      if (reason !== null) checkText('reason', reason, { maxBytes: 4_096 });
      const cleanReason = reason === null ? null : (await redactor.redact(reason)).text;
      return telemetry.withSpan(
        `pop_stash.${kind}.delete`,
        { [`${kind}.id`]: id, 'agent.id': actor.agentId },
        async () => {
          const gone = await repository.forget(actor, kind, id, cleanReason);
          if (!gone) return explain(actor.projectId, kind, id);
          logActivitySpan(telemetry, actor, 'forget');
          return { id, kind, label: gone.label, forgottenAt: gone.forgottenAt, restorableDays: LIMITS.forgottenDays };
        },
      );
    },

    /**
     * Brings a forgotten memory back and has it embedded again.
     * @throws AppError `not_found` when it was not forgotten or is purged already, `conflict` when its name is in use.
     */
    async restore(projectId: string, id: string): Promise<void> {
      const passageIds = await repository.restore(projectId, kindOfId(id), id).catch((error: unknown) => {
        if (!isUniqueViolation(error)) throw error;
        throw new AppError({
          code: 'conflict',
          message: `${id} can't come back: its name is in use by a newer one.`,
          fix: 'Forget the newer one first, then restore this one.',
          cause: error,
        });
      });
      if (!passageIds) {
        throw new AppError({
          code: 'not_found',
          message: `${id} is not among the memories forgotten within the last ${LIMITS.forgottenDays} days.`,
          fix: 'Check the id on the timeline (type forget).',
        });
      }
      if (passageIds.length > 0) enqueueEmbedding(passageIds);
    },
  };
}
