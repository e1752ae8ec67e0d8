import type { Pool } from 'pg';
import { createAuthorRepository } from '../../../src/memory/authors/author-repository.js';
import { createExportRepository } from '../../../src/memory/transfer/export-repository.js';
import { createImportRepository } from '../../../src/memory/transfer/import-repository.js';
import { createKnownRepository } from '../../../src/memory/transfer/known-repository.js';
import { createTransferService } from '../../../src/memory/transfer/transfer-service.js';
import type { ExportRecord } from '../../../src/memory/transfer/transfer-types.js';
import { createUndoRepository } from '../../../src/memory/transfer/undo-repository.js';
import { NO_TELEMETRY } from '../../../src/telemetry/no-telemetry.js';
import { createRedactor } from '../../../src/text/redact.js';

/** The service of exports and imports on a test's database. @param onEmbed is given the passages that lack a vector */
export function openTransfer(pool: Pool, onEmbed: (passageIds: readonly string[]) => void = () => undefined) {
  return createTransferService({
    authors: createAuthorRepository(pool),
    known: createKnownRepository(pool),
    imports: createImportRepository(pool),
    undos: createUndoRepository(pool),
    exports: createExportRepository(pool),
    redactor: createRedactor(),
    telemetry: NO_TELEMETRY,
    enqueueEmbedding: onEmbed,
  });
}

/** Everything that an export has. */
export async function exportAll(
  transfer: ReturnType<typeof openTransfer>,
  projectId: string,
  hasHistory = true,
): Promise<ExportRecord[]> {
  const all: ExportRecord[] = [];
  let after: Parameters<typeof transfer.exportPage>[1] = null;
  do {
    const page = await transfer.exportPage(projectId, after, hasHistory);
    all.push(...page.records);
    after = page.next;
  } while (after);
  return all;
}
