import { logActivitySpan } from '../../accountability/activity/log-span.js';
import type { Actor } from '../../actor/actor.js';
import { LIMITS } from '../../config.js';
import { isUniqueViolation } from '../../db/database-errors.js';
import { AppError } from '../../errors.js';
import { checkText } from '../../text/check-text.js';
import { newId } from '../../text/ids.js';
import type { MemoryWriteDeps } from '../memory-deps.js';
import { ID_PREFIXES, kindOfId } from '../memory-ids.js';
import type { MemoryKind } from '../memory-types.js';
import { retryOnConflict } from '../retry-conflict.js';
import type { RestoreRepository } from '../versions/restore-repository.js';
import type { ForgetRepository } from './forget-repository.js';

export interface ForgottenMemory {
  id: string;
  kind: MemoryKind;
  label: string;
  forgottenAt: Date;
  restorableDays: number;
}

export type ForgetService = ReturnType<typeof createForgetService>;

export function createForgetService(
  deps: MemoryWriteDeps & { repository: ForgetRepository; versions: RestoreRepository },
) {
  const { repository, versions, enqueueEmbedding, redactor, telemetry } = deps;

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

  async function restoreVersion(projectId: string, id: string): Promise<{ id: string; version: number } | null> {
    const kind = kindOfId(id);
    const restored = await retryOnConflict(id, () =>
      versions.restoreVersion(projectId, kind, id, newId(ID_PREFIXES[kind])),
    );
    if (!restored) return null;
    enqueueEmbedding(restored.passageIds);
    return { id: restored.id, version: restored.version };
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
     * Brings a forgotten memory back, or makes a replaced version the newest of its name again: what that replaces stays
     * reachable as a version. It is embedded again.
     * @returns the id under which it answers: a replaced version is saved once more, as a new one
     * @throws AppError `not_found` when it was neither forgotten nor replaced, or is purged already, `conflict` when the
     * name of a forgotten one is in use.
     */
    async restore(projectId: string, id: string): Promise<{ id: string; version: number | null }> {
      const again = await restoreVersion(projectId, id);
      if (again) return again;
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
          message: `${id} is neither a replaced version nor among the memories forgotten within the last ${LIMITS.forgottenDays} days.`,
          fix: 'Check the id on the timeline (type forget).',
        });
      }
      if (passageIds.length > 0) enqueueEmbedding(passageIds);
      return { id, version: null };
    },
  };
}
