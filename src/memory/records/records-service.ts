import { AppError } from '../../errors.js';
import { joinWhole } from '../excerpts/join-passage.js';
import { kindOfId } from '../memory-ids.js';
import type { HoldLabels } from '../origins/label-holds.js';
import type { Holds, MemoryOrigin } from '../origins/origin-types.js';
import type { RecordRepository } from './record-repository.js';
import type { MemoryRecord, Provenance, VersionSummary } from './record-types.js';

export interface ShownRecord {
  record: MemoryRecord & { provenance: Provenance | null };
  /** Where it was written, as far as that was noted, and whether it holds where it is read. */
  origin: MemoryOrigin | null;
  holds: Holds | undefined;
  /** Newest first; empty unless they were asked for. */
  versions: VersionSummary[];
  /** By the database's clock. */
  now: Date;
}

export type RecordsService = ReturnType<typeof createRecordsService>;

/** A person waits longer for git than an agent's answer does, in ms. */
const PERSON_MS = 2_000;

/** Single memories as people read them, live or not. */
export function createRecordsService({ repository, labels }: { repository: RecordRepository; labels: HoldLabels }) {
  return {
    /**
     * @param worktree the worktree that the person is in; undefined outside a worktree
     * @throws AppError `invalid_argument` for what is no id, `not_found`
     */
    async show(
      projectId: string,
      worktree: string | undefined,
      id: string,
      hasVersions: boolean,
    ): Promise<ShownRecord> {
      const kind = kindOfId(id);
      const label = labels.begin(worktree);
      const [found, versions] = await Promise.all([
        repository.find(projectId, kind, id),
        hasVersions ? repository.listVersions(projectId, kind, id) : [],
      ]);
      if (!found) {
        throw new AppError({
          code: 'not_found',
          message: `There is no ${kind} ${id} in this project.`,
          fix: 'popstash list and popstash search show ids. What was forgotten is kept for 30 days.',
        });
      }
      const { now, origin, ...record } = found;
      const memory = { ...found, text: joinWhole({ content: found.text, reasoning: found.reasoning }) };
      const labelled = await label([memory], PERSON_MS);
      return { record, origin, holds: labelled.get(id), versions, now };
    },
  };
}
