import type { Actor } from '../../actor/actor.js';
import { LIMITS } from '../../config.js';
import { AppError } from '../../errors.js';
import { joinWhole } from '../excerpts/join-passage.js';
import { kindOfId } from '../memory-ids.js';
import type { HoldLabels } from '../origins/label-holds.js';
import type { Holds } from '../origins/origin-types.js';
import type { MemoryVersion, VersionLine, VersionRepository } from './version-repository.js';

export interface ReadVersion {
  memory: MemoryVersion;
  /** All of it. */
  text: string;
  /** Undefined where no worktree is known. */
  holds: Holds | undefined;
  /** All that there are, newest first; this one among them. */
  versions: VersionLine[];
}

export type VersionsService = ReturnType<typeof createVersionsService>;

/** Single memories by their ids, whole. */
export function createVersionsService({ repository, labels }: { repository: VersionRepository; labels: HoldLabels }) {
  async function findVersion(
    projectId: string,
    { kind, id }: MemoryVersion,
    versions: readonly VersionLine[],
    version: number,
  ): Promise<MemoryVersion | null> {
    const line = versions.find((each) => each.version === version);
    if (line) return await repository.find(projectId, kind, line.id);
    throw new AppError({
      code: 'not_found',
      message: `${id} has no version ${version}.`,
      fix: `Versions that exist: ${versions.map((each) => each.version).join(', ')}.`,
    });
  }

  return {
    /**
     * The memory of an id, also where a newer version has replaced it; with `version`, that version of the same memory.
     * @param worktree where the agent works; undefined where that is not known
     * @throws AppError `invalid_argument` for what is no id, `not_found`
     */
    async read(actor: Actor, worktree: string | undefined, id: string, version?: number): Promise<ReadVersion> {
      const kind = kindOfId(id);
      const label = labels.begin(worktree);
      const [found, all] = await Promise.all([
        repository.find(actor.projectId, kind, id),
        repository.list(actor.projectId, kind, id),
      ]);
      const versions = all.filter(({ isForgotten }) => !isForgotten);
      const memory =
        found && version !== undefined && version !== found.version
          ? await findVersion(actor.projectId, found, versions, version)
          : found;
      if (!memory || memory.forgottenAt || memory.isExpired) throw explainMissing(kind, id, memory);
      const text = joinWhole(memory);
      const holds = (await label([{ ...memory, text }])).get(memory.id);
      return { memory, text, holds, versions };
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
