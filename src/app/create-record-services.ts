import type { Pool } from 'pg';
import type { RecordServices, Services } from '../mcp/services.js';
import { createAuthorRepository } from '../memory/authors/author-repository.js';
import type { DecisionsService } from '../memory/decisions/decisions-service.js';
import { createEditRepository } from '../memory/edit/edit-repository.js';
import { createEditService } from '../memory/edit/edit-service.js';
import type { PlacedWriteDeps } from '../memory/memory-deps.js';
import type { HoldLabels } from '../memory/origins/label-holds.js';
import { createRecordRepository } from '../memory/records/record-repository.js';
import { createRecordsService } from '../memory/records/records-service.js';
import { createExportRepository } from '../memory/transfer/export-repository.js';
import { createImportRepository } from '../memory/transfer/import-repository.js';
import { createKnownRepository } from '../memory/transfer/known-repository.js';
import { createTransferService } from '../memory/transfer/transfer-service.js';
import { createUndoRepository } from '../memory/transfer/undo-repository.js';

interface RecordParts {
  pool: Pool;
  reports?: Services['reports'];
  backUp?: Services['backUp'];
  checkStore?: Services['checkStore'];
}

/** What people read and write through the command line. */
export function createRecordServices(
  { pool, reports = null, backUp = null, checkStore = null }: RecordParts,
  write: PlacedWriteDeps,
  decisions: DecisionsService,
  labels: HoldLabels,
): RecordServices & Pick<Services, 'reports' | 'backUp' | 'checkStore'> {
  const authors = createAuthorRepository(pool);
  return {
    records: createRecordsService({ repository: createRecordRepository(pool), labels }),
    edits: createEditService({ ...write, repository: createEditRepository(pool), decisions }),
    authors,
    reports,
    backUp,
    checkStore,
    transfer: createTransferService({
      ...write,
      authors,
      known: createKnownRepository(pool),
      imports: createImportRepository(pool),
      undos: createUndoRepository(pool),
      exports: createExportRepository(pool),
    }),
  };
}
