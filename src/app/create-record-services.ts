import type { Pool } from 'pg';
import type { RecordServices } from '../mcp/services.js';
import { createAuthorRepository } from '../memory/authors/author-repository.js';
import type { DecisionsService } from '../memory/decisions/decisions-service.js';
import { createEditRepository } from '../memory/edit/edit-repository.js';
import { createEditService } from '../memory/edit/edit-service.js';
import type { MemoryWriteDeps } from '../memory/memory-deps.js';
import { createRecordRepository } from '../memory/records/record-repository.js';
import { createRecordsService } from '../memory/records/records-service.js';
import { createExportRepository } from '../memory/transfer/export-repository.js';
import { createImportRepository } from '../memory/transfer/import-repository.js';
import { createKnownRepository } from '../memory/transfer/known-repository.js';
import { createTransferService } from '../memory/transfer/transfer-service.js';
import { createUndoRepository } from '../memory/transfer/undo-repository.js';

/** What people read and write of memories through the command line. */
export function createRecordServices(pool: Pool, write: MemoryWriteDeps, decisions: DecisionsService): RecordServices {
  const authors = createAuthorRepository(pool);
  return {
    records: createRecordsService({ repository: createRecordRepository(pool) }),
    edits: createEditService({ ...write, repository: createEditRepository(pool), decisions }),
    authors,
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
