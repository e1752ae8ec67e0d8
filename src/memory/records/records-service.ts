import { AppError } from '../../errors.js';
import { kindOfId } from '../memory-ids.js';
import type { RecordRepository } from './record-repository.js';
import type { MemoryRecord, VersionSummary } from './record-types.js';

export interface ShownRecord {
  record: MemoryRecord;
  /** Newest first; empty unless they were asked for. */
  versions: VersionSummary[];
  /** By the database's clock. */
  now: Date;
}

export type RecordsService = ReturnType<typeof createRecordsService>;

/** Single memories as people read them, live or not. */
export function createRecordsService({ repository }: { repository: RecordRepository }) {
  return {
    /** @throws AppError `invalid_argument` for what is no id, `not_found` */
    async show(projectId: string, id: string, hasVersions: boolean): Promise<ShownRecord> {
      const kind = kindOfId(id);
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
      const { now, ...record } = found;
      return { record, versions, now };
    },
  };
}
