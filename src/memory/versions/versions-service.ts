import type { Actor } from '../../actor/actor.js';
import { LIMITS } from '../../config.js';
import { AppError } from '../../errors.js';
import { joinWhole } from '../excerpts/join-passage.js';
import { kindOfId } from '../memory-ids.js';
import { findChangedFiles } from '../recall/find-changed-files.js';
import type { MemoryVersion, VersionRepository } from './version-repository.js';

export interface ReadVersion {
  memory: MemoryVersion;
  /** All of it. */
  text: string;
  changedFiles: string[];
}

export type VersionsService = ReturnType<typeof createVersionsService>;

/** Single memories by their ids, whole. */
export function createVersionsService({ repository }: { repository: VersionRepository }) {
  return {
    /**
     * The memory of an id, also where a newer version has replaced it.
     * @param worktree Folder whose files tell whether it may be out of date.
     * @throws AppError `invalid_argument` for what is no id, `not_found`
     */
    async read(actor: Actor, worktree: string, id: string): Promise<ReadVersion> {
      const kind = kindOfId(id);
      const memory = await repository.find(actor.projectId, kind, id);
      if (!memory || memory.forgottenAt || memory.isExpired) throw explainMissing(kind, id, memory);
      const text = joinWhole(memory);
      return { memory, text, changedFiles: await findChangedFiles(worktree, text, memory.files, memory.createdAt) };
    },
  };
}

function explainMissing(kind: string, id: string, memory: MemoryVersion | null): AppError {
  const { forgottenDays } = LIMITS;
  if (memory?.forgottenAt) {
    return new AppError({
      code: 'not_found',
      message: `${id} has been forgotten.`,
      fix: `Within ${forgottenDays} days a person can run: popstash restore ${id}`,
    });
  }
  return new AppError({
    code: 'not_found',
    message: memory ? `${id} has expired.` : `There is no ${kind} ${id} in this project.`,
    fix: 'Take the id from the answer of recall, pop or get_decisions, or search with query.',
  });
}
